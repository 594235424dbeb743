using System;

namespace FrameGen.Protocol
{
    /// <summary>Pictures of a frame or result (registry.md, "Planes").</summary>
    public enum PlaneName : byte { Color, Depth, Motion, Label, IntensityMask, Reactive, DynamicMask, Image, ColorGrid }

    /// <summary>Bytes of a pixel (registry.md, "Plane formats").</summary>
    public enum PlaneFormat : byte { Rgb8, Rgba8, R8, F16M, F32M, U16Log, F16Px, F32Px, F16 }

    /// <summary>How a plane's bytes are packed.</summary>
    public enum PlaneCodec : byte { Raw, Jpeg }

    /// <summary>A picture and where its bytes are.</summary>
    public struct Plane
    {
        public PlaneName Name;
        public PlaneFormat Format;
        public PlaneCodec Codec;
        /// <summary>Rows from the top, channels last, no padding, little-endian.</summary>
        public ArraySegment<byte> Bytes;
        /// <summary>Of u16_log: the depths of codes 1 and 65535, metres.</summary>
        public double NearM, FarM;
    }

    /// <summary>The names on the wire, and which plane may have which format.</summary>
    public static class PlaneTable
    {
        /// <summary>In the order of <see cref="PlaneName"/>.</summary>
        public static readonly string[] Names =
            { "color", "depth", "motion", "label", "intensity_mask", "reactive", "dynamic_mask", "image", "color_grid" };

        /// <summary>In the order of <see cref="PlaneFormat"/>.</summary>
        public static readonly string[] Formats =
            { "rgb8", "rgba8", "r8", "f16_m", "f32_m", "u16_log", "f16_px", "f32_px", "f16" };

        /// <summary>In the order of <see cref="PlaneCodec"/>.</summary>
        public static readonly string[] Codecs = { "raw", "jpeg" };

        /// <summary>Bytes of a whole colour grid, [9][16][3][4] float16.</summary>
        public const int GridBytes = 9 * 16 * 3 * 4 * 2;

        static readonly int[] PixelBytes = { 3, 4, 1, 2, 4, 2, 4, 8, 2 };

        public static long RawBytes(PlaneFormat format, int width, int height)
            => format == PlaneFormat.F16 ? GridBytes : (long)width * height * PixelBytes[(int)format];

        public static bool MayHave(PlaneName name, PlaneFormat format)
        {
            switch (name)
            {
                case PlaneName.Color: return format == PlaneFormat.Rgb8 || format == PlaneFormat.Rgba8;
                case PlaneName.Image: return format == PlaneFormat.Rgb8;
                case PlaneName.Depth:
                    return format == PlaneFormat.F16M || format == PlaneFormat.F32M || format == PlaneFormat.U16Log;
                case PlaneName.Motion: return format == PlaneFormat.F16Px || format == PlaneFormat.F32Px;
                case PlaneName.ColorGrid: return format == PlaneFormat.F16;
                default: return format == PlaneFormat.R8;
            }
        }
    }
}
