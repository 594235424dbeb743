using System;

namespace FrameGen.Protocol
{
    /// <summary>
    /// What a server refuses of a frame (SPEC.md, "frame"). <see cref="Check"/> is cheap and guards every frame that is
    /// sent; <see cref="CheckPixels"/> reads every pixel and is for tests and for finding a fault.
    /// </summary>
    public static class FrameRules
    {
        const double MostJitterPx = 1e4;

        /// <summary>Throws <see cref="ProtocolException"/>: invalid_frame, message_too_large or malformed_message.</summary>
        public static void Check(Frame frame, Limits limits)
        {
            CheckSize((ulong)Math.Max(frame.Width, 0), (ulong)Math.Max(frame.Height, 0), limits);
            if (frame.IndexOf(PlaneName.Color) < 0) throw new ProtocolException(ErrorCodes.MalformedMessage, "A frame has colour.");
            if (frame.HasMotionFrom && frame.MotionFromFrameId >= frame.Id) throw Invalid("Motion points to an older frame.");
            if (frame.HasLight && !IsUnit(frame.LightDirection)) throw Invalid("The light's direction is no unit vector.");
            if (!(Math.Abs(frame.JitterPx[0]) <= MostJitterPx && Math.Abs(frame.JitterPx[1]) <= MostJitterPx))
                throw Invalid("jitter_px is more than 10000 pixels.");
            if (frame.HasCamera) CameraRules.Check(frame);
        }

        /// <summary>The size of a picture, before anything of that size is made.</summary>
        public static void CheckSize(ulong width, ulong height, Limits limits)
        {
            if (width == 0 || height == 0) throw Invalid("A picture of " + width + "x" + height + " has no pixels.");
            var side = (ulong)limits.MaxSidePx;
            // Sides first: the product of two large numbers may be small again in 64 bits.
            if (width > side || height > side || width * height > (ulong)limits.MaxPixels)
                throw new ProtocolException(ErrorCodes.MessageTooLarge, "A picture of " + width + "x" + height + " is too large.",
                    "At most " + side + " pixels a side and " + limits.MaxPixels + " in all.");
        }

        static bool IsUnit(double[] v) => Math.Abs(Math.Sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]) - 1) <= 0.01;

        /// <summary>Depth has no NaN and nothing below zero, motion is finite. Throws invalid_frame.</summary>
        public static void CheckPixels(Frame frame)
        {
            for (var i = 0; i < frame.PlaneCount; i++) CheckPixels(frame.Planes[i]);
        }

        static void CheckPixels(Plane plane)
        {
            var data = plane.Bytes.Array;
            int at = plane.Bytes.Offset, end = at + plane.Bytes.Count;
            switch (plane.Format)
            {
                case PlaneFormat.F16M:
                    for (; at < end; at += 2) CheckDepth(data[at] | data[at + 1] << 8, 0x7c00, 0x8000);
                    break;
                case PlaneFormat.F32M:
                    for (; at < end; at += 4) CheckDepth(Word(data, at), 0x7f800000, 0x80000000);
                    break;
                case PlaneFormat.F16Px:
                    for (; at < end; at += 2)
                        if ((data[at + 1] & 0x7c) == 0x7c) throw Invalid("Motion has NaN or infinite values.");
                    break;
                case PlaneFormat.F32Px:
                    for (; at < end; at += 4)
                        if ((Word(data, at) & 0x7f800000) == 0x7f800000) throw Invalid("Motion has NaN or infinite values.");
                    break;
            }
        }

        static long Word(byte[] data, int at)
            => (long)data[at] | (long)data[at + 1] << 8 | (long)data[at + 2] << 16 | (long)data[at + 3] << 24;

        // Bits of a float: more than infinity's is NaN; with a sign anything but zero is negative.
        static void CheckDepth(long bits, long infinity, long sign)
        {
            if ((bits & ~sign) > infinity || bits > sign) throw Invalid("Depth has NaN or negative values.");
        }

        static ProtocolException Invalid(string message) => new ProtocolException(ErrorCodes.InvalidFrame, message);
    }
}
