using System;
using System.IO;

namespace FrameGen.Zmtp
{
    /// <summary>Where a server is and how to enter.</summary>
    public sealed class ZmtpOptions
    {
        public string Host = "127.0.0.1";
        public int Port = 5555;
        /// <summary>Not null: the mechanism is PLAIN, else NULL.</summary>
        public string Username;
        public string Password = "";
        /// <summary>For the connection and for the handshake, each.</summary>
        public int ConnectTimeoutMs = 3000;
        public int SocketBufferBytes = 1 << 20;
        /// <summary>Of one received message, all parts: more ends the connection.</summary>
        public long MaxMessageBytes = 64 << 20;
        public int MaxParts = 64;

        /// <summary>
        /// Reads <c>tcp://HOST:PORT</c> (the scheme may be left out, IPv6 stands in brackets). Throws FormatException.
        /// </summary>
        public static ZmtpOptions Parse(string address)
        {
            var text = (address ?? "").Trim();
            if (text.StartsWith("tcp://", StringComparison.Ordinal)) text = text.Substring(6);
            var colon = text.LastIndexOf(':');
            int port;
            if (colon < 1 || !int.TryParse(text.Substring(colon + 1), out port) || port < 1 || port > 65535 || text.Contains("/"))
                throw new FormatException("'" + address + "' is no server's address. Write tcp://127.0.0.1:5555.");
            return new ZmtpOptions { Host = text.Substring(0, colon).Trim('[', ']'), Port = port };
        }
    }

    /// <summary>Why a connection could not be made or came to its end.</summary>
    public enum ZmtpFailure
    {
        /// <summary>Nobody there, or gone.</summary>
        Lost,
        /// <summary>The token is wrong.</summary>
        Refused,
        /// <summary>The other end speaks another security mechanism, or not ZMTP.</summary>
        Misunderstood
    }

    public sealed class ZmtpException : IOException
    {
        public ZmtpFailure Failure { get; }

        public ZmtpException(ZmtpFailure failure, string message, Exception inner = null) : base(message, inner)
        {
            Failure = failure;
        }
    }
}
