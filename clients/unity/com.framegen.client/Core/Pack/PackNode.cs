using System.Runtime.InteropServices;

namespace FrameGen.Pack
{
    /// <summary>Kind of a MessagePack value.</summary>
    public enum PackKind : byte
    {
        Nil,
        Flag,
        Integer,
        /// <summary>An integer over 2⁶³ − 1, in <see cref="PackNode.Bits"/> as uint64.</summary>
        BigInteger,
        Number,
        Text,
        Binary,
        Array,
        Map
    }

    /// <summary>One value of a parsed header. Containers are followed by what they hold.</summary>
    public struct PackNode
    {
        public PackKind Kind;
        /// <summary>Text and binary: where the bytes are. Array and map: unused.</summary>
        public int Start;
        /// <summary>Text and binary: bytes. Array: items. Map: entries.</summary>
        public int Count;
        /// <summary>Index of the first node that does not belong to this value.</summary>
        public int Next;
        /// <summary>Flag: 0 or 1. Integer: the value. Number: the bits of its float64.</summary>
        public long Bits;
    }

    /// <summary>A float32 from its bits, without unsafe code and on runtimes that lack Int32BitsToSingle.</summary>
    [StructLayout(LayoutKind.Explicit)]
    struct SingleBits
    {
        [FieldOffset(0)] public uint Bits;
        [FieldOffset(0)] public float Value;
    }
}
