using System.Collections.Generic;

namespace FrameGen.Client
{
    /// <summary>What a <see cref="FrameGenClient"/> begins with.</summary>
    public sealed class ClientOptions
    {
        /// <summary><c>tcp://HOST:PORT</c>.</summary>
        public string Address = "tcp://127.0.0.1:5555";
        /// <summary>Empty: the server on this machine asks for none.</summary>
        public string Token = "";
        /// <summary>Name and version, for the server's log.</summary>
        public string Name = "framegen-csharp";
        /// <summary>Codecs of results that the caller can decode; raw always.</summary>
        public IReadOnlyList<string> Codecs = new[] { "raw" };
        /// <summary>Settings to begin with.</summary>
        public Dictionary<string, object> Settings = new Dictionary<string, object>();
        /// <summary>Frames on their way at once, 1..16: two keep the server busy while a picture travels.</summary>
        public int MaxInFlight = 2;
        /// <summary>Fill <see cref="Protocol.Result.Rgba"/> on the receiving thread.</summary>
        public bool WidenToRgba;
        /// <summary>Read every pixel before it is sent and complain of what a server would refuse: to find a fault.</summary>
        public bool CheckPixels;
    }
}
