namespace FrameGen.Pack
{
    /// <summary>Strict UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing over U+10FFFF. Allocates nothing.</summary>
    public static class Utf8
    {
        public static bool IsValid(byte[] data, int start, int count)
        {
            var end = start + count;
            for (var at = start; at < end;)
            {
                int first = data[at++];
                if (first < 0x80) continue;
                var more = first < 0xc2 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : first < 0xf5 ? 3 : 0;
                if (more == 0 || end - at < more) return false;
                // The second byte's range is what rules out overlong forms, surrogates and too large values.
                var low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
                var high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
                if (data[at] < low || data[at] > high) return false;
                for (var i = 1; i < more; i++)
                    if ((data[at + i] & 0xc0) != 0x80) return false;
                at += more;
            }
            return true;
        }
    }
}
