using System;
using System.Collections.Generic;
using FrameGen.Pack;

namespace FrameGen.Protocol
{
    /// <summary>
    /// Parts to messages, for every message of the protocol. One decoder fills the same objects again and again, so
    /// that results and notices, which come with every frame, allocate nothing. Not thread-safe.
    /// </summary>
    public sealed class Decoder
    {
        static readonly string[] RawOnly = { "raw" };
        static readonly string[] None = new string[0];

        readonly PackReader _reader = new PackReader();

        /// <summary>The receiver's own limits.</summary>
        public Limits Limits = new Limits();

        // What the last Decode of that type filled. Messages that a client keeps (welcome, settings) are made anew.
        public Hello Hello { get; private set; }
        public Welcome Welcome { get; private set; }
        public SettingsUpdate Settings { get; private set; }
        public SettingsApplied SettingsApplied { get; private set; }
        public ErrorMessage Error { get; private set; }
        public Bye Bye { get; private set; }
        public readonly Frame Frame = new Frame();
        public readonly Superseded Superseded = new Superseded();
        public readonly Ping Ping = new Ping();
        public readonly Pong Pong = new Pong();

        /// <summary>
        /// Reads the message in <paramref name="slot"/>'s parts; a result is filled into the slot itself. Throws
        /// <see cref="ProtocolException"/> whatever the bytes are, and nothing else.
        /// </summary>
        public MessageType Decode(Result slot)
        {
            var parts = slot.Parts;
            if (parts.Count < 1) throw new ProtocolException(ErrorCodes.MalformedMessage, "A message has at least one part.");
            if (parts.Count > Limits.MaxParts || parts.TotalBytes > Limits.MaxMessageBytes)
                throw new ProtocolException(ErrorCodes.MessageTooLarge, "The message has too many parts or bytes.");
            _reader.Parse(parts[0], Limits);
            var header = new Fields(_reader, 0, "header");
            var type = header.Choice("type", MessageNames.All);
            if (type < 0) throw new ProtocolException(ErrorCodes.UnknownMessageType, "There is no message '" + header.Text("type") + "'.");
            var fields = new Fields(_reader, 0, MessageNames.All[type]);
            try
            {
                Read((MessageType)type, fields, slot);
            }
            catch (ProtocolException error)
            {
                error.FrameId = WholeNumber(fields, "frame_id");
                error.Request = (uint?)WholeNumber(fields, "request");
                throw;
            }
            return (MessageType)type;
        }

        void Read(MessageType type, Fields f, Result slot)
        {
            switch (type)
            {
                case MessageType.Hello: Hello = ReadHello(f); break;
                case MessageType.Welcome: Welcome = ReadWelcome(f); break;
                case MessageType.Settings:
                    Settings = new SettingsUpdate { Changes = f.Map("changes"), Request = f.Unsigned32("request", 0) };
                    break;
                case MessageType.SettingsApplied: SettingsApplied = ReadApplied(f); break;
                case MessageType.Frame: FrameReader.Read(f, slot.Parts, Limits, Frame); break;
                case MessageType.Result: ResultReader.Read(f, Limits, slot); break;
                case MessageType.Superseded:
                    Superseded.FrameId = f.Unsigned("frame_id");
                    Superseded.TimestampNs = f.Signed("timestamp_ns");
                    Superseded.ByFrameId = f.Unsigned("by_frame_id");
                    break;
                case MessageType.Ping: Ping.SentNs = f.Signed("sent_ns"); break;
                case MessageType.Pong:
                    Pong.SentNs = f.Signed("sent_ns");
                    Pong.ReceivedNs = f.Signed("received_ns");
                    Pong.RepliedNs = f.Signed("replied_ns");
                    break;
                case MessageType.Error: Error = ReadError(f); break;
                case MessageType.Bye: Bye = new Bye { Reason = f.TextOr("reason", "") }; break;
                case MessageType.Reset: break;
            }
        }

        static Hello ReadHello(Fields f)
        {
            return new Hello
            {
                Protocols = f.Texts("protocols") ?? throw Missing("hello.protocols"),
                Client = f.TextOr("client", ""),
                Codecs = (IReadOnlyList<string>)f.Texts("codecs") ?? RawOnly,
                Capabilities = (IReadOnlyList<string>)f.Texts("capabilities") ?? None,
                Settings = f.Has("settings") ? f.Map("settings") : new Dictionary<string, object>()
            };
        }

        static Welcome ReadWelcome(Fields f)
        {
            return new Welcome
            {
                Protocol = f.Text("protocol"),
                Server = f.TextOr("server", ""),
                Session = f.Text("session"),
                Models = f.Texts("models") ?? throw Missing("welcome.models"),
                Codecs = (IReadOnlyList<string>)f.Texts("codecs") ?? RawOnly,
                Capabilities = (IReadOnlyList<string>)f.Texts("capabilities") ?? None,
                Limits = ReadLimits(f.Inner("limits")),
                Settings = f.Map("settings"),
                SettingsRevision = f.Unsigned32("settings_revision", 0)
            };
        }

        static Limits ReadLimits(Fields f)
        {
            var limits = new Limits();
            limits.MaxMessageBytes = Limit(f, "max_message_bytes", limits.MaxMessageBytes);
            limits.MaxPixels = Limit(f, "max_pixels", limits.MaxPixels);
            limits.MaxSidePx = Limit(f, "max_side_px", limits.MaxSidePx);
            limits.MaxHeaderBytes = Limit(f, "max_header_bytes", limits.MaxHeaderBytes);
            limits.MaxHeaderDepth = (int)Math.Min(int.MaxValue, Limit(f, "max_header_depth", limits.MaxHeaderDepth));
            limits.MaxParts = (int)Math.Min(int.MaxValue, Limit(f, "max_parts", limits.MaxParts));
            limits.IdleTimeoutMs = Limit(f, "idle_timeout_ms", limits.IdleTimeoutMs);
            limits.HeartbeatMs = Limit(f, "heartbeat_ms", limits.HeartbeatMs);
            return limits;
        }

        static long Limit(Fields f, string name, long absent)
        {
            var value = f.Signed(name, absent);
            if (value < 1) throw new ProtocolException(ErrorCodes.MalformedMessage, "The limit " + name + " is not positive.");
            return value;
        }

        static SettingsApplied ReadApplied(Fields f)
        {
            return new SettingsApplied
            {
                Request = f.Unsigned32("request"),
                Revision = f.Unsigned32("revision"),
                Understood = (IReadOnlyList<string>)f.Texts("understood") ?? None,
                Ignored = (IReadOnlyList<string>)f.Texts("ignored") ?? None
            };
        }

        static ErrorMessage ReadError(Fields f)
        {
            return new ErrorMessage
            {
                Code = f.Text("code"),
                Message = f.TextOr("message", ""),
                Hint = f.TextOr("hint", ""),
                Fatal = f.Flag("fatal", false),
                FrameId = f.Has("frame_id") ? f.Unsigned("frame_id") : (ulong?)null,
                Request = f.Has("request") ? f.Unsigned32("request") : (uint?)null
            };
        }

        ulong? WholeNumber(Fields fields, string name)
        {
            var at = fields.Find(name);
            return at >= 0 && _reader[at].Kind == PackKind.Integer && _reader[at].Bits >= 0 ? (ulong)_reader[at].Bits : (ulong?)null;
        }

        static ProtocolException Missing(string field) => new ProtocolException(ErrorCodes.MalformedMessage, field + " is missing.");
    }
}
