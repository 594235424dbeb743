using System;
using System.Collections.Generic;
using System.Text;
using FrameGen.Protocol;

namespace FrameGen.Pack
{
    /// <summary>
    /// Reads one MessagePack map within limits into a flat list of nodes that is used again: a header that looks like
    /// the last one allocates nothing. What is checked here holds for every header: size, nesting, item counts, valid
    /// UTF-8, text keys, no NaN, no extension types, nothing behind the map.
    /// </summary>
    public sealed class PackReader
    {
        /// <summary>Items of one array or map (SPEC.md, "Limits").</summary>
        public const int MaxItems = 1024;
        /// <summary>Arrays and maps below the header.</summary>
        public const int MaxContainers = 4096;

        PackNode[] _nodes = new PackNode[128];
        int _nodeCount, _containers, _maxDepth;
        byte[] _data;
        int _at, _end;

        public PackNode this[int index] => _nodes[index];

        public byte[] Data => _data;

        /// <summary>
        /// Parses a header; node 0 is its map. The nodes refer to <paramref name="part"/>'s array, which must stay as
        /// it is while they are used. Throws <see cref="ProtocolException"/> (malformed_message, message_too_large).
        /// </summary>
        public void Parse(ArraySegment<byte> part, Limits limits)
        {
            if (part.Count > limits.MaxHeaderBytes)
                throw new ProtocolException(ErrorCodes.MessageTooLarge, "The header has " + part.Count + " bytes.");
            _data = part.Array;
            _at = part.Offset;
            _end = part.Offset + part.Count;
            _nodeCount = _containers = 0;
            _maxDepth = limits.MaxHeaderDepth;
            Value(1);
            if (_at != _end) throw Malformed("There are bytes behind the header's map.");
            if (_nodes[0].Kind != PackKind.Map) throw Malformed("The header is no map.");
        }

        /// <summary>Whether text or a key is <paramref name="ascii"/>.</summary>
        public bool TextIs(int index, string ascii)
        {
            var node = _nodes[index];
            if (node.Count != ascii.Length) return false;
            for (var i = 0; i < ascii.Length; i++)
                if (_data[node.Start + i] != ascii[i]) return false;
            return true;
        }

        public string TextAt(int index) => Encoding.UTF8.GetString(_data, _nodes[index].Start, _nodes[index].Count);

        /// <summary>
        /// The text, or <paramref name="last"/> itself where that is the same, so that names that come with every
        /// message are not made anew.
        /// </summary>
        public string TextAt(int index, string last)
        {
            var same = last != null && TextIs(index, last);
            return same ? last : TextAt(index);
        }

        /// <summary>A value as null, bool, long, ulong, double, string, List&lt;object&gt; or Dictionary.</summary>
        public object ObjectAt(int index)
        {
            var node = _nodes[index];
            switch (node.Kind)
            {
                case PackKind.Nil: return null;
                case PackKind.Flag: return node.Bits != 0;
                case PackKind.Integer: return node.Bits;
                case PackKind.BigInteger: return (ulong)node.Bits;
                case PackKind.Number: return BitConverter.Int64BitsToDouble(node.Bits);
                case PackKind.Text: return TextAt(index);
                case PackKind.Binary: return null; // no field of the protocol is binary: nothing reads it
            }
            var at = index + 1;
            if (node.Kind == PackKind.Array)
            {
                var list = new List<object>();
                for (; at < node.Next; at = _nodes[at].Next) list.Add(ObjectAt(at));
                return list;
            }
            var map = new Dictionary<string, object>();
            for (; at < node.Next; at = _nodes[at + 1].Next) map[TextAt(at)] = ObjectAt(at + 1);
            return map;
        }

        void Value(int depth)
        {
            int tag = _data[Take(1)];
            if (tag < 0x80) Leaf(PackKind.Integer, tag);
            else if (tag >= 0xe0) Leaf(PackKind.Integer, (sbyte)tag);
            else if (tag < 0x90) Container(PackKind.Map, (uint)tag & 15, depth);
            else if (tag < 0xa0) Container(PackKind.Array, (uint)tag & 15, depth);
            else if (tag < 0xc0) Bytes(PackKind.Text, (uint)tag & 31);
            else Tagged(tag, depth);
        }

        void Tagged(int tag, int depth)
        {
            switch (tag)
            {
                case 0xc0: Leaf(PackKind.Nil, 0); return;
                case 0xc2: Leaf(PackKind.Flag, 0); return;
                case 0xc3: Leaf(PackKind.Flag, 1); return;
                case 0xc4: Bytes(PackKind.Binary, BigEndian(1)); return;
                case 0xc5: Bytes(PackKind.Binary, BigEndian(2)); return;
                case 0xc6: Bytes(PackKind.Binary, BigEndian(4)); return;
                case 0xca: Number(new SingleBits { Bits = (uint)BigEndian(4) }.Value); return;
                case 0xcb: Number(BitConverter.Int64BitsToDouble((long)BigEndian(8))); return;
                case 0xcc: Leaf(PackKind.Integer, (long)BigEndian(1)); return;
                case 0xcd: Leaf(PackKind.Integer, (long)BigEndian(2)); return;
                case 0xce: Leaf(PackKind.Integer, (long)BigEndian(4)); return;
                case 0xcf:
                    var big = BigEndian(8);
                    Leaf(big > long.MaxValue ? PackKind.BigInteger : PackKind.Integer, (long)big);
                    return;
                case 0xd0: Leaf(PackKind.Integer, (sbyte)BigEndian(1)); return;
                case 0xd1: Leaf(PackKind.Integer, (short)BigEndian(2)); return;
                case 0xd2: Leaf(PackKind.Integer, (int)BigEndian(4)); return;
                case 0xd3: Leaf(PackKind.Integer, (long)BigEndian(8)); return;
                case 0xd9: Bytes(PackKind.Text, BigEndian(1)); return;
                case 0xda: Bytes(PackKind.Text, BigEndian(2)); return;
                case 0xdb: Bytes(PackKind.Text, BigEndian(4)); return;
                case 0xdc: Container(PackKind.Array, BigEndian(2), depth); return;
                case 0xdd: Container(PackKind.Array, BigEndian(4), depth); return;
                case 0xde: Container(PackKind.Map, BigEndian(2), depth); return;
                case 0xdf: Container(PackKind.Map, BigEndian(4), depth); return;
                default: throw Malformed("A header holds no MessagePack value of tag " + tag + ".");
            }
        }

        void Container(PackKind kind, ulong count, int depth)
        {
            if (depth > _maxDepth)
                throw new ProtocolException(ErrorCodes.MessageTooLarge, "The header is nested more than " + _maxDepth + " deep.");
            if (count > MaxItems) throw Malformed("An array or map of a header has at most " + MaxItems + " items.");
            if (depth > 1 && ++_containers > MaxContainers)
                throw Malformed("A header holds at most " + MaxContainers + " arrays and maps.");
            var index = Leaf(kind, 0);
            for (var i = 0UL; i < count; i++)
            {
                if (kind == PackKind.Map) Key();
                Value(depth + 1);
            }
            _nodes[index].Count = (int)count;
            _nodes[index].Next = _nodeCount;
        }

        void Key()
        {
            int tag = _at < _end ? _data[_at] : 0;
            var isText = (tag & 0xe0) == 0xa0 || (tag >= 0xd9 && tag <= 0xdb);
            if (_at < _end && !isText) throw Malformed("Keys of a header are text.");
            Value(0);
        }

        void Bytes(PackKind kind, ulong count)
        {
            var start = Take(count);
            if (kind == PackKind.Text && !Utf8.IsValid(_data, start, (int)count)) throw Malformed("Text of a header is not UTF-8.");
            var index = Leaf(kind, 0);
            _nodes[index].Start = start;
            _nodes[index].Count = (int)count;
        }

        void Number(double value)
        {
            if (double.IsNaN(value)) throw Malformed("A header holds no NaN.");
            Leaf(PackKind.Number, BitConverter.DoubleToInt64Bits(value));
        }

        int Leaf(PackKind kind, long bits)
        {
            if (_nodeCount == _nodes.Length) Array.Resize(ref _nodes, _nodes.Length * 2);
            _nodes[_nodeCount] = new PackNode { Kind = kind, Bits = bits, Next = _nodeCount + 1 };
            return _nodeCount++;
        }

        ulong BigEndian(int bytes)
        {
            var value = 0UL;
            var start = Take((ulong)bytes);
            for (var i = 0; i < bytes; i++) value = value << 8 | _data[start + i];
            return value;
        }

        int Take(ulong bytes)
        {
            if (bytes > (ulong)(_end - _at)) throw Malformed("The header ends too soon.");
            var start = _at;
            _at += (int)bytes;
            return start;
        }

        static ProtocolException Malformed(string message) => new ProtocolException(ErrorCodes.MalformedMessage, message);
    }
}
