using System;
using System.IO;
using System.Text;

namespace FrameGen.Zmtp
{
    /// <summary>Greeting and security handshake of a client: NULL (RFC 23) and PLAIN (RFC 24).</summary>
    static class Handshake
    {
        const byte CommandFlag = 4, LongFlag = 2;
        const int MaxCommandBytes = 16 * 1024;

        public static void Run(SocketStream stream, ZmtpOptions options)
        {
            var mechanism = options.Username == null ? "NULL" : "PLAIN";
            var greeting = new byte[64];
            greeting[0] = 0xff;
            greeting[9] = 0x7f;
            greeting[10] = 3;
            Encoding.ASCII.GetBytes(mechanism, 0, mechanism.Length, greeting, 12);
            // Eleven bytes make libzmq send its whole greeting. Reading that before naming our mechanism lets us say
            // what is wrong: libzmq itself just drops a connection whose mechanisms differ.
            stream.Write(greeting, 0, 11);
            stream.Flush();
            CheckGreeting(stream, mechanism);
            stream.Write(greeting, 11, 53);
            if (options.Username == null)
            {
                Send(stream, "READY", Metadata());
            }
            else
            {
                Send(stream, "HELLO", Credentials(options));
                Expect(stream, "WELCOME");
                Send(stream, "INITIATE", Metadata());
            }
            Expect(stream, "READY");
        }

        static void CheckGreeting(SocketStream stream, string mechanism)
        {
            var peer = new byte[64];
            stream.Read(peer, 0, 1);
            if (peer[0] == 0xff) stream.Read(peer, 1, 63);
            if (peer[0] != 0xff || (peer[9] & 1) == 0 || peer[10] < 3)
                throw new ZmtpException(ZmtpFailure.Misunderstood, "What answers there is no framegen server (it does not speak ZMTP 3).");
            var theirs = Encoding.ASCII.GetString(peer, 12, 20).TrimEnd('\0');
            if (theirs == mechanism) return;
            throw new ZmtpException(theirs == "PLAIN" ? ZmtpFailure.Refused : ZmtpFailure.Misunderstood, theirs == "PLAIN"
                ? "The server wants a token."
                : theirs == "NULL" ? "The server takes no token: leave it empty." : "The server wants " + theirs + ", which this client does not speak.");
        }

        static byte[] Metadata()
        {
            var body = new MemoryStream();
            Property(body, "Socket-Type", "DEALER");
            Property(body, "Identity", ""); // the server gives out routing ids
            return body.ToArray();
        }

        static void Property(Stream body, string name, string value)
        {
            ShortText(body, name);
            body.Write(new byte[] { 0, 0, 0, (byte)value.Length }, 0, 4);
            body.Write(Encoding.ASCII.GetBytes(value), 0, value.Length);
        }

        static byte[] Credentials(ZmtpOptions options)
        {
            var body = new MemoryStream();
            ShortText(body, options.Username);
            ShortText(body, options.Password);
            return body.ToArray();
        }

        static void ShortText(Stream body, string text)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            if (bytes.Length > 255) throw new ZmtpException(ZmtpFailure.Refused, "A token has at most 255 bytes.");
            body.WriteByte((byte)bytes.Length);
            body.Write(bytes, 0, bytes.Length);
        }

        static void Send(SocketStream stream, string name, byte[] data)
        {
            var size = 1 + name.Length + data.Length;
            stream.Write(size < 256 ? CommandFlag : (byte)(CommandFlag | LongFlag));
            for (var shift = size < 256 ? 0 : 56; shift >= 0; shift -= 8) stream.Write((byte)((long)size >> shift));
            stream.Write((byte)name.Length);
            stream.Write(Encoding.ASCII.GetBytes(name), 0, name.Length);
            stream.Write(data, 0, data.Length);
            stream.Flush();
        }

        static void Expect(SocketStream stream, string wanted)
        {
            var flags = stream.ReadByte();
            long size = 0;
            for (var bytes = (flags & LongFlag) != 0 ? 8 : 1; bytes > 0; bytes--) size = size << 8 | stream.ReadByte();
            if ((flags & ~LongFlag) != CommandFlag || size < 1 || size > MaxCommandBytes)
                throw new ZmtpException(ZmtpFailure.Misunderstood, "The server's handshake is not ZMTP's.");
            var body = new byte[size];
            stream.Read(body, 0, body.Length);
            // libzmq's PLAIN server misspells the command's length and first letter, "\x5ERROR" read as 0x5E "RROR".
            var isMisspelt = body.Length >= 5 && body[0] == 0x5e && body[1] == 'R';
            var name = isMisspelt ? "ERROR" : body[0] < body.Length ? Encoding.ASCII.GetString(body, 1, body[0]) : "";
            if (name == "ERROR") throw new ZmtpException(ZmtpFailure.Refused, "The server refused the token.");
            if (name != wanted) throw new ZmtpException(ZmtpFailure.Misunderstood, "The server's handshake is not ZMTP's.");
        }
    }
}
