using System;

namespace FrameGen.Protocol
{
    /// <summary>
    /// Something wrong in a message. <see cref="Code"/> is stable and travels on the wire (SPEC.md, "Errors").
    /// </summary>
    public sealed class ProtocolException : Exception
    {
        public string Code { get; }
        /// <summary>What to do about it; may be empty.</summary>
        public string Hint { get; }
        /// <summary>The frame it is about, where the header could be read that far.</summary>
        public ulong? FrameId { get; internal set; }
        /// <summary>The settings message it is about.</summary>
        public uint? Request { get; internal set; }

        public ProtocolException(string code, string message, string hint = "") : base(message)
        {
            Code = code;
            Hint = hint;
        }
    }

    /// <summary>Codes of errors (registry.md). A receiver takes any other code as an error all the same.</summary>
    public static class ErrorCodes
    {
        public const string MalformedMessage = "malformed_message";
        public const string UnknownMessageType = "unknown_message_type";
        public const string MessageTooLarge = "message_too_large";
        public const string UnsupportedProtocol = "unsupported_protocol";
        public const string UnsupportedCodec = "unsupported_codec";
        public const string InvalidFrame = "invalid_frame";
        public const string InvalidSettings = "invalid_settings";
        public const string UnknownModel = "unknown_model";
        public const string OutOfOrder = "out_of_order";
        public const string Unauthorized = "unauthorized";
    }
}
