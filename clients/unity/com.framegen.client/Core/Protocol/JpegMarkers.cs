using System;

namespace FrameGen.Protocol
{
    /// <summary>
    /// Reads a JPEG's markers before anything decodes it (registry.md, "Codecs"): a few bytes can claim
    /// 65535 × 65535 pixels, or thousands of passes over a picture.
    /// </summary>
    public static class JpegMarkers
    {
        const int MaxSegments = 256, MaxScans = 16, MaxExtraBytes = 65536;
        const int StartOfScan = 0xda;

        /// <summary>Throws <see cref="ProtocolException"/>: invalid_frame or unsupported_codec.</summary>
        public static void Check(ArraySegment<byte> jpeg, int width, int height)
        {
            byte[] data = jpeg.Array;
            int at = jpeg.Offset, end = jpeg.Offset + jpeg.Count;
            if (jpeg.Count < 4 || data[at] != 0xff || data[at + 1] != 0xd8 || data[end - 2] != 0xff || data[end - 1] != 0xd9)
                throw Invalid("The picture is not a whole JPEG.");
            if (jpeg.Count > 4L * width * height + MaxExtraBytes) throw Invalid("The JPEG is too long for its picture.");
            at += 2;
            var sized = false;
            for (var segment = 0; ; segment++)
            {
                if (segment == MaxSegments) throw Invalid("The JPEG has too many segments before its first scan.");
                var marker = at + 4 <= end && data[at] == 0xff ? data[at + 1] : 0;
                if (HasNoLength(marker)) throw Invalid("The JPEG's markers are damaged.");
                var length = data[at + 2] << 8 | data[at + 3];
                if (length < 2 || length > end - at - 2) throw Invalid("The JPEG's markers are damaged.");
                if (marker == StartOfScan) break;
                if (marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc)
                {
                    if (sized) throw Invalid("The JPEG declares its size twice.");
                    FrameHeader(marker, data, at + 4, length - 2, width, height);
                    sized = true;
                }
                at += 2 + length;
            }
            if (!sized) throw Invalid("The JPEG does not declare its size.");
            if (Scans(data, at, end) > MaxScans) throw Invalid("The JPEG has more than " + MaxScans + " scans.");
        }

        static bool HasNoLength(int marker)
            => marker == 0 || marker == 1 || marker == 0xff || (marker >= 0xd0 && marker <= 0xd9);

        static void FrameHeader(int marker, byte[] data, int body, int length, int width, int height)
        {
            if (marker > 0xc2) throw Unsupported("Only baseline, extended and progressive Huffman JPEG is taken.");
            if (length < 6) throw Invalid("The JPEG's frame header is cut short.");
            int bits = data[body], components = data[body + 5];
            if (bits != 8 || (components != 1 && components != 3)) throw Unsupported("The JPEG has not 8 bits and 1 or 3 components.");
            int tall = data[body + 1] << 8 | data[body + 2], wide = data[body + 3] << 8 | data[body + 4];
            if (wide != width || tall != height)
                throw Invalid("The JPEG is " + wide + "x" + tall + ", the message says " + width + "x" + height + ".");
        }

        // Inside entropy-coded data every FF is followed by 00 or a restart marker, so FF DA always begins a scan.
        static int Scans(byte[] data, int at, int end)
        {
            var scans = 0;
            for (; at + 1 < end; at++)
                if (data[at] == 0xff && data[at + 1] == StartOfScan) scans++;
            return scans;
        }

        static ProtocolException Invalid(string message) => new ProtocolException(ErrorCodes.InvalidFrame, message);

        static ProtocolException Unsupported(string message) => new ProtocolException(ErrorCodes.UnsupportedCodec, message);
    }
}
