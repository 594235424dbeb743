using System;

namespace FrameGen.Protocol
{
    /// <summary>
    /// One frame of the engine. Made once and filled again: the conventions of its numbers are CONVENTIONS.md's
    /// (first row at the top, metres, right-handed world with +Y up, motion in pixels with y down).
    /// </summary>
    public sealed class Frame
    {
        public const int MaxPlanes = 7;

        public ulong Id;
        /// <summary>When it was rendered, on <see cref="Client.MonotonicClock"/>.</summary>
        public long TimestampNs;
        public int Width, Height;

        public bool HasCamera;
        /// <summary>4 × 4, row-major, column vectors, absolute.</summary>
        public readonly double[] ViewFromWorld = new double[16];
        /// <summary>4 × 4, row-major, OpenGL clip space, without jitter.</summary>
        public readonly double[] ClipFromView = new double[16];
        public double NearM, FarM;
        public readonly double[] WorldOriginM = new double[3];

        /// <summary>Sub-pixel offset of the picture, x right, y down.</summary>
        public readonly double[] JitterPx = new double[2];
        /// <summary>Colour no longer jitters although depth and motion do.</summary>
        public bool ColorResolved;

        public bool HasMotionFrom;
        /// <summary>The frame that the motion vectors point to; without it the frame sent before.</summary>
        public ulong MotionFromFrameId;

        public bool HasLight;
        /// <summary>Unit vector in the world, towards the main light.</summary>
        public readonly double[] LightDirection = new double[3];

        /// <summary>This frame follows a cut.</summary>
        public bool Reset;

        public readonly Plane[] Planes = new Plane[MaxPlanes];
        public int PlaneCount;

        /// <summary>Called from any thread when the planes' bytes are free again, sent or not.</summary>
        public Action<Frame> Released;

        /// <summary>Adds a raw plane. Planes of one array travel in one part.</summary>
        public void Add(PlaneName name, PlaneFormat format, byte[] data, int offset)
        {
            var length = (int)PlaneTable.RawBytes(format, Width, Height);
            Planes[PlaneCount++] = new Plane { Name = name, Format = format, Bytes = new ArraySegment<byte>(data, offset, length) };
        }

        /// <summary>Everything but size and buffers as in a new frame.</summary>
        public void Clear()
        {
            HasCamera = HasMotionFrom = HasLight = Reset = ColorResolved = false;
            PlaneCount = 0;
            TimestampNs = 0;
            Array.Clear(WorldOriginM, 0, 3);
            Array.Clear(JitterPx, 0, 2);
        }

        /// <summary>Place of a plane in <see cref="Planes"/>, or −1.</summary>
        public int IndexOf(PlaneName name)
        {
            for (var i = 0; i < PlaneCount; i++)
                if (Planes[i].Name == name) return i;
            return -1;
        }
    }
}
