using System.Collections.Generic;

namespace FrameGen.Protocol
{
    /// <summary>Messages of protocol 1.0 (SPEC.md, "Messages").</summary>
    public enum MessageType
    {
        Hello, Welcome, Settings, SettingsApplied, Frame, Result, Superseded, Reset, Ping, Pong, Error, Bye
    }

    /// <summary>Names on the wire, in the order of <see cref="MessageType"/>.</summary>
    public static class MessageNames
    {
        public const string ProtocolVersion = "1.0";

        public static readonly string[] All =
        {
            "hello", "welcome", "settings", "settings_applied", "frame", "result", "superseded", "reset", "ping", "pong",
            "error", "bye"
        };
    }

    /// <summary>The first message of a client.</summary>
    public sealed class Hello
    {
        public IReadOnlyList<string> Protocols = new[] { MessageNames.ProtocolVersion };
        public string Client = "";
        public IReadOnlyList<string> Codecs = new[] { "raw" };
        public IReadOnlyList<string> Capabilities = new string[0];
        public Dictionary<string, object> Settings = new Dictionary<string, object>();
    }

    /// <summary>A server opens a session.</summary>
    public sealed class Welcome
    {
        public string Protocol, Server, Session;
        public IReadOnlyList<string> Models, Codecs, Capabilities;
        public Limits Limits;
        /// <summary>The settings in force, every key.</summary>
        public Dictionary<string, object> Settings;
        public uint SettingsRevision;
    }

    /// <summary>Some settings change. Keys that are not named stay.</summary>
    public sealed class SettingsUpdate
    {
        public Dictionary<string, object> Changes;
        public uint Request;
    }

    /// <summary>The answer to <see cref="SettingsUpdate"/>.</summary>
    public sealed class SettingsApplied
    {
        public uint Request, Revision;
        /// <summary>Words of the prompt that the model knows, and those it does not.</summary>
        public IReadOnlyList<string> Understood, Ignored;
    }

    /// <summary>A frame that gets no picture because a newer one came first.</summary>
    public sealed class Superseded
    {
        public ulong FrameId, ByFrameId;
        public long TimestampNs;
    }

    /// <summary>Asks for a pong.</summary>
    public sealed class Ping
    {
        public long SentNs;
    }

    /// <summary>The answer to <see cref="Ping"/>; the last two are of the clock of the side that answers.</summary>
    public sealed class Pong
    {
        public long SentNs, ReceivedNs, RepliedNs;
    }

    /// <summary>Something went wrong; the session goes on unless it is fatal.</summary>
    public sealed class ErrorMessage
    {
        public string Code = "", Message = "", Hint = "";
        public bool Fatal;
        public ulong? FrameId;
        public uint? Request;
    }

    /// <summary>The session ends.</summary>
    public sealed class Bye
    {
        public string Reason = "";
    }
}
