using FrameGen.Protocol;

namespace FrameGen.Client
{
    public enum ClientEventKind
    {
        /// <summary>A session is open; <see cref="ClientEvent.Welcome"/> says what the server offers.</summary>
        Connected,
        /// <summary>The session is over, or could not be opened; the client tries again by itself.</summary>
        Lost,
        /// <summary>An update of the settings holds; <see cref="ClientEvent.Applied"/> has its revision.</summary>
        SettingsApplied,
        /// <summary>The server complained; the session goes on.</summary>
        Error
    }

    /// <summary>Something that happened, for the thread that polls.</summary>
    public sealed class ClientEvent
    {
        public ClientEventKind Kind;
        public Welcome Welcome;
        public SettingsApplied Applied;
        /// <summary>Code of an error or loss (SPEC.md, "Errors"); empty where there is none.</summary>
        public string Code = "";
        public string Message = "";
        public string Hint = "";
        public ulong? FrameId;
        /// <summary>Number of the settings update it answers.</summary>
        public uint? Request;
    }
}
