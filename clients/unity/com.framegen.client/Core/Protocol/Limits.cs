namespace FrameGen.Protocol
{
    /// <summary>Limits of a receiver (SPEC.md, "Limits"): the defaults, until a welcome names others.</summary>
    public sealed class Limits
    {
        public long MaxMessageBytes = 201326592;
        public long MaxPixels = 8294400;
        public long MaxSidePx = 8192;
        public long MaxHeaderBytes = 262144;
        public int MaxHeaderDepth = 8;
        public int MaxParts = 16;
        public long IdleTimeoutMs = 30000;
        public long HeartbeatMs = 2000;
    }
}
