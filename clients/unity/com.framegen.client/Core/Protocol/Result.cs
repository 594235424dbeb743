using FrameGen.Zmtp;

namespace FrameGen.Protocol
{
    /// <summary>How a result was made.</summary>
    public enum How { Generated, Reused, Reprojected }

    /// <summary>A restyled frame. Made once and filled again; its bytes lie in its own <see cref="Parts"/>.</summary>
    public sealed class Result
    {
        public static readonly string[] HowNames = { "generated", "reused", "reprojected" };

        /// <summary>The message as it came.</summary>
        public readonly ZmtpMessage Parts = new ZmtpMessage();

        public ulong FrameId;
        public long TimestampNs;
        public int Width, Height;
        public How How;
        public uint SettingsRevision, Seed;
        public string Model = "";

        public bool HasSun;
        /// <summary>Unit vector in the world towards the sun that the model used.</summary>
        public readonly double[] SunDirection = new double[3];

        /// <summary>The picture, rows from the top: raw rgb8, or a JPEG whose markers have been checked.</summary>
        public Plane Image;
        public bool HasGrid;
        /// <summary>Local affine colours from the engine's frame to this one: [9][16][3][4] float16.</summary>
        public Plane Grid;

        /// <summary>The server's clock: received, started, finished, sent.</summary>
        public readonly NamedNumbers StampsNs = new NamedNumbers();
        /// <summary>Time spent per stage; "model" is the network alone.</summary>
        public readonly NamedNumbers StagesMs = new NamedNumbers();

        /// <summary>From handing the frame to the network to having this; set by the client.</summary>
        public long RoundTripNs;

        /// <summary>RGBA, four bytes a pixel, where the client was asked to widen pictures and this one is raw.</summary>
        public byte[] Rgba = new byte[0];
        public bool HasRgba;

        /// <summary>Fills <see cref="Rgba"/> from a raw picture: engines upload four channels, not three.</summary>
        public void Widen()
        {
            HasRgba = Image.Codec == PlaneCodec.Raw;
            if (!HasRgba) return;
            var pixels = Width * Height;
            if (Rgba.Length < 4 * pixels) Rgba = new byte[4 * pixels];
            var source = Image.Bytes.Array;
            var target = Rgba;
            for (int from = Image.Bytes.Offset, to = 0, end = 4 * pixels; to < end; from += 3, to += 4)
            {
                target[to] = source[from];
                target[to + 1] = source[from + 1];
                target[to + 2] = source[from + 2];
                target[to + 3] = 255;
            }
        }
    }
}
