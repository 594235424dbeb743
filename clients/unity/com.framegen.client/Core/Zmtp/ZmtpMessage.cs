using System;
using System.Collections.Generic;

namespace FrameGen.Zmtp
{
    /// <summary>
    /// A received multipart message. Its buffers are used again by the next message received into it, so that a
    /// stream of messages of one size allocates nothing.
    /// </summary>
    public sealed class ZmtpMessage
    {
        readonly List<byte[]> _buffers = new List<byte[]>();
        readonly List<int> _lengths = new List<int>();

        public int Count => _lengths.Count;

        public long TotalBytes { get; private set; }

        public ArraySegment<byte> this[int index] => new ArraySegment<byte>(_buffers[index], 0, _lengths[index]);

        public void Clear()
        {
            _lengths.Clear();
            TotalBytes = 0;
        }

        /// <summary>A buffer for the next part; at least <paramref name="length"/> bytes long.</summary>
        public byte[] AddPart(int length)
        {
            var index = _lengths.Count;
            if (index == _buffers.Count) _buffers.Add(new byte[length]);
            else if (_buffers[index].Length < length) _buffers[index] = new byte[length];
            _lengths.Add(length);
            TotalBytes += length;
            return _buffers[index];
        }
    }
}
