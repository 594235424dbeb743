using FrameGen.Protocol;

namespace FrameGen
{
    /// <summary>Where FrameGenPack.compute puts the planes in its buffer, and the frame's planes that follow from it.</summary>
    static class FrameLayout
    {
        /// <summary>Colour 3, depth 2, motion 4, label 1, intensity 1, moves 1.</summary>
        public const int MaxPixelBytes = 12;

        public static int PixelBytes(bool hasMotion, bool hasTags, bool hasMasks) => 5 + (hasMotion ? 4 : 0) + (hasTags ? 1 : 0) + (hasMasks ? 2 : 0);

        /// <summary>Adds the planes of a packed buffer to a frame that has its size. Masks come with tags only.</summary>
        public static void AddPlanes(Frame frame, byte[] packed, bool hasMotion, bool hasTags, bool hasMasks)
        {
            var area = frame.Width * frame.Height;
            frame.Add(PlaneName.Color, PlaneFormat.Rgb8, packed, 0);
            frame.Add(PlaneName.Depth, PlaneFormat.F16M, packed, 3 * area);
            var at = 5 * area;
            if (hasMotion)
            {
                frame.Add(PlaneName.Motion, PlaneFormat.F16Px, packed, at);
                at += 4 * area;
            }
            if (!hasTags) return;
            frame.Add(PlaneName.Label, PlaneFormat.R8, packed, at);
            if (!hasMasks) return;
            frame.Add(PlaneName.IntensityMask, PlaneFormat.R8, packed, at + area);
            frame.Add(PlaneName.DynamicMask, PlaneFormat.R8, packed, at + 2 * area);
        }
    }
}
