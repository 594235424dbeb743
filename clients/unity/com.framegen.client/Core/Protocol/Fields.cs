using System;
using System.Collections.Generic;
using FrameGen.Pack;

namespace FrameGen.Protocol
{
    /// <summary>
    /// The fields of one map of a header, each taken with its type and range. Absent and nil are the same. What is
    /// wrong is a <see cref="ProtocolException"/> (malformed_message) that names the field.
    /// </summary>
    public struct Fields
    {
        readonly PackReader _reader;
        readonly int _map;
        readonly string _where;

        public Fields(PackReader reader, int map, string where)
        {
            _reader = reader;
            _map = map;
            _where = where;
        }

        /// <summary>Node of a field's value, or −1.</summary>
        public int Find(string name)
        {
            var end = _reader[_map].Next;
            for (var key = _map + 1; key < end; key = _reader[key + 1].Next)
                if (_reader.TextIs(key, name)) return _reader[key + 1].Kind == PackKind.Nil ? -1 : key + 1;
            return -1;
        }

        public bool Has(string name) => Find(name) >= 0;

        /// <summary>An integer 0..2⁶⁴ − 1. A float is refused, even a whole one.</summary>
        public ulong Unsigned(string name)
        {
            var node = _reader[Required(name)];
            if (node.Kind == PackKind.BigInteger || (node.Kind == PackKind.Integer && node.Bits >= 0)) return (ulong)node.Bits;
            throw Wrong(name, "an integer that is not negative");
        }

        public ulong Unsigned(string name, ulong absent) => Has(name) ? Unsigned(name) : absent;

        /// <summary>An integer of 32 bits.</summary>
        public uint Unsigned32(string name)
        {
            var value = Unsigned(name);
            if (value > uint.MaxValue) throw Wrong(name, "an integer of 32 bits");
            return (uint)value;
        }

        public uint Unsigned32(string name, uint absent) => Has(name) ? Unsigned32(name) : absent;

        /// <summary>An integer −2⁶³..2⁶³ − 1.</summary>
        public long Signed(string name) => Signed(name, Required(name));

        public long Signed(string name, long absent)
        {
            var at = Find(name);
            return at < 0 ? absent : Signed(name, at);
        }

        long Signed(string name, int at)
        {
            if (_reader[at].Kind != PackKind.Integer) throw Wrong(name, "a signed integer of 64 bits");
            return _reader[at].Bits;
        }

        /// <summary>A float or integer.</summary>
        public double Number(string name, bool infinite = false)
        {
            double value;
            if (!IsNumber(Required(name), out value)) throw Wrong(name, "a number");
            if (!infinite && double.IsInfinity(value)) throw Wrong(name, "finite");
            return value;
        }

        public bool Flag(string name, bool absent)
        {
            var at = Find(name);
            if (at < 0) return absent;
            if (_reader[at].Kind != PackKind.Flag) throw Wrong(name, "true or false");
            return _reader[at].Bits != 0;
        }

        /// <summary>Text; <paramref name="last"/> itself where it is the same text.</summary>
        public string Text(string name, string last = null) => TextAt(name, Required(name), last);

        public string TextOr(string name, string absent, string last = null)
        {
            var at = Find(name);
            return at < 0 ? absent : TextAt(name, at, last);
        }

        string TextAt(string name, int at, string last)
        {
            if (_reader[at].Kind != PackKind.Text) throw Wrong(name, "text");
            return _reader.TextAt(at, last);
        }

        /// <summary>Place of a text in <paramref name="names"/>, or −1.</summary>
        public int Choice(string name, string[] names)
        {
            var at = Required(name);
            if (_reader[at].Kind != PackKind.Text) throw Wrong(name, "text");
            for (var i = 0; i < names.Length; i++)
                if (_reader.TextIs(at, names[i])) return i;
            return -1;
        }

        /// <summary>An array of texts; null where it is absent.</summary>
        public List<string> Texts(string name)
        {
            var at = Find(name);
            if (at < 0) return null;
            if (_reader[at].Kind != PackKind.Array) throw Wrong(name, "an array of text");
            var texts = new List<string>();
            for (var item = at + 1; item < _reader[at].Next; item = _reader[item].Next)
            {
                if (_reader[item].Kind != PackKind.Text) throw Wrong(name, "an array of text");
                texts.Add(_reader.TextAt(item));
            }
            return texts;
        }

        /// <summary>Exactly as many finite numbers as <paramref name="into"/> holds; false where they are absent.</summary>
        public bool Vector(string name, double[] into)
        {
            var at = Find(name);
            if (at < 0) return false;
            if (_reader[at].Kind != PackKind.Array || _reader[at].Count != into.Length) throw Wrong(name, into.Length + " numbers");
            var item = at + 1;
            for (var i = 0; i < into.Length; i++, item = _reader[item].Next)
                if (!IsNumber(item, out into[i]) || double.IsInfinity(into[i])) throw Wrong(name, into.Length + " finite numbers");
            return true;
        }

        /// <summary>A map, to be read field by field.</summary>
        public Fields Inner(string name)
        {
            var at = Required(name);
            if (_reader[at].Kind != PackKind.Map) throw Wrong(name, "a map");
            return new Fields(_reader, at, name);
        }

        /// <summary>A map as it is.</summary>
        public Dictionary<string, object> Map(string name)
        {
            Inner(name);
            return (Dictionary<string, object>)_reader.ObjectAt(Find(name));
        }

        /// <summary>Named numbers, all integers or all of any kind.</summary>
        public void Numbers(string name, NamedNumbers into, bool integers)
        {
            into.Clear();
            var at = Find(name);
            if (at < 0) return;
            if (_reader[at].Kind != PackKind.Map) throw Wrong(name, "a map");
            for (var key = at + 1; key < _reader[at].Next; key = _reader[key + 1].Next)
            {
                double value;
                var whole = _reader[key + 1].Kind == PackKind.Integer;
                if (!IsNumber(key + 1, out value) || double.IsInfinity(value) || (integers && !whole)) throw Wrong(name, "a map of numbers");
                into.Add(_reader, key, value, whole ? _reader[key + 1].Bits : 0);
            }
        }

        bool IsNumber(int at, out double value)
        {
            var node = _reader[at];
            value = node.Kind == PackKind.Number ? BitConverter.Int64BitsToDouble(node.Bits)
                : node.Kind == PackKind.BigInteger ? (double)(ulong)node.Bits
                : (double)node.Bits;
            return node.Kind == PackKind.Number || node.Kind == PackKind.Integer || node.Kind == PackKind.BigInteger;
        }

        int Required(string name)
        {
            var at = Find(name);
            if (at < 0) throw new ProtocolException(ErrorCodes.MalformedMessage, _where + "." + name + " is missing.");
            return at;
        }

        ProtocolException Wrong(string name, string wanted)
            => new ProtocolException(ErrorCodes.MalformedMessage, _where + "." + name + " must be " + wanted + ".");
    }

    /// <summary>A small map of names to numbers that is filled again with every message without allocating.</summary>
    public sealed class NamedNumbers
    {
        readonly List<string> _names = new List<string>();
        double[] _numbers = new double[8];
        long[] _integers = new long[8];

        public int Count { get; private set; }

        public string Name(int index) => _names[index];

        /// <summary>A value as a float.</summary>
        public double Number(int index) => _numbers[index];

        /// <summary>A value as an integer, to its last digit.</summary>
        public long Integer(int index) => _integers[index];

        /// <summary>Place of a name, or −1.</summary>
        public int IndexOf(string name)
        {
            for (var i = 0; i < Count; i++)
                if (_names[i] == name) return i;
            return -1;
        }

        internal void Clear() => Count = 0;

        internal void Add(PackReader reader, int key, double number, long integer)
        {
            if (Count == _names.Count) _names.Add(null);
            if (Count == _numbers.Length)
            {
                Array.Resize(ref _numbers, 2 * Count);
                Array.Resize(ref _integers, 2 * Count);
            }
            _names[Count] = reader.TextAt(key, _names[Count]);
            _numbers[Count] = number;
            _integers[Count++] = integer;
        }
    }
}
