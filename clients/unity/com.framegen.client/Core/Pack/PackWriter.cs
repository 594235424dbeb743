using System;
using System.Collections;
using System.Collections.Generic;
using System.Text;

namespace FrameGen.Pack
{
    /// <summary>
    /// Writes MessagePack into a buffer that is used again: after the first few messages it allocates nothing.
    /// Just what the protocol's headers hold: nil, flags, integers, float64, text, arrays and maps.
    /// See https://github.com/msgpack/msgpack/blob/master/spec.md.
    /// </summary>
    public sealed class PackWriter
    {
        byte[] _buffer = new byte[1024];
        int _count;

        /// <summary>What has been written since <see cref="Clear"/>; valid until the next write.</summary>
        public ArraySegment<byte> Written => new ArraySegment<byte>(_buffer, 0, _count);

        public void Clear() => _count = 0;

        public byte[] ToArray()
        {
            var copy = new byte[_count];
            Buffer.BlockCopy(_buffer, 0, copy, 0, _count);
            return copy;
        }

        /// <summary>Begins a map: <paramref name="count"/> keys, each followed by its value.</summary>
        public void Map(int count) => Container(count, 0x80, 0xde);

        /// <summary>Begins an array of <paramref name="count"/> values.</summary>
        public void Array(int count) => Container(count, 0x90, 0xdc);

        public void Nil() => Byte(0xc0);

        public void Flag(bool value) => Byte(value ? (byte)0xc3 : (byte)0xc2);

        public void Integer(long value)
        {
            if (value >= 0) Unsigned((ulong)value);
            else if (value >= -32) Byte((byte)value);
            else Tagged(0xd3, (ulong)value, 8);
        }

        public void Unsigned(ulong value)
        {
            if (value < 128) Byte((byte)value);
            else if (value <= uint.MaxValue) Tagged(0xce, value, 4);
            else Tagged(0xcf, value, 8);
        }

        public void Number(double value) => Tagged(0xcb, (ulong)BitConverter.DoubleToInt64Bits(value), 8);

        public void Numbers(double[] values)
        {
            Array(values.Length);
            for (var i = 0; i < values.Length; i++) Number(values[i]);
        }

        public void Text(string value)
        {
            var length = Encoding.UTF8.GetByteCount(value);
            if (length < 32) Byte((byte)(0xa0 | length));
            else if (length < 256) Tagged(0xd9, (ulong)length, 1);
            else Tagged(0xdb, (ulong)length, 4);
            Reserve(length);
            _count += Encoding.UTF8.GetBytes(value, 0, value.Length, _buffer, _count);
        }

        public void Texts(IReadOnlyList<string> values)
        {
            Array(values.Count);
            for (var i = 0; i < values.Count; i++) Text(values[i]);
        }

        /// <summary>
        /// Any value that a setting can have: null, bool, integers, float, double, string, lists, and maps with text
        /// keys. Throws ArgumentException for others.
        /// </summary>
        public void Value(object value)
        {
            if (value == null) Nil();
            else if (value is bool) Flag((bool)value);
            else if (value is string) Text((string)value);
            else if (value is float || value is double) Number(Convert.ToDouble(value));
            else if (value is ulong) Unsigned((ulong)value);
            else if (value is int || value is long || value is uint || value is short || value is byte) Integer(Convert.ToInt64(value));
            else if (value is IDictionary<string, object>) Entries((IDictionary<string, object>)value);
            else if (value is IList) Items((IList)value);
            else throw new ArgumentException("A header cannot hold a " + value.GetType().Name + ".");
        }

        void Entries(IDictionary<string, object> map)
        {
            Map(map.Count);
            foreach (var entry in map)
            {
                Text(entry.Key);
                Value(entry.Value);
            }
        }

        void Items(IList list)
        {
            Array(list.Count);
            foreach (var item in list) Value(item);
        }

        void Container(int count, byte small, byte wide)
        {
            if (count < 16) Byte((byte)(small | count));
            else if (count < 65536) Tagged(wide, (ulong)count, 2);
            else throw new ArgumentOutOfRangeException(nameof(count));
        }

        void Byte(byte value)
        {
            Reserve(1);
            _buffer[_count++] = value;
        }

        void Tagged(byte tag, ulong value, int bytes)
        {
            Reserve(bytes + 1);
            _buffer[_count++] = tag;
            for (var shift = (bytes - 1) * 8; shift >= 0; shift -= 8) _buffer[_count++] = (byte)(value >> shift);
        }

        void Reserve(int bytes)
        {
            if (_count + bytes > _buffer.Length) System.Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _count + bytes));
        }
    }
}
