using System;
using System.Collections.Generic;
using System.IO;
using System.Net.Sockets;

namespace FrameGen.Zmtp
{
    /// <summary>
    /// The DEALER side of one connection to a ROUTER (ZMTP 3.0, https://rfc.zeromq.org/spec/23/), without a library.
    /// One thread sends while another receives; <see cref="Dispose"/> from a third ends both within milliseconds.
    /// </summary>
    public sealed class ZmtpDealer : IDisposable
    {
        const byte MoreFlag = 1, LongFlag = 2, CommandFlag = 4;
        const int MaxCommandBytes = 64 * 1024;

        readonly SocketStream _stream;
        readonly ZmtpOptions _options;
        readonly object _sending = new object();
        volatile byte[] _owedPong;

        ZmtpDealer(SocketStream stream, ZmtpOptions options)
        {
            _stream = stream;
            _options = options;
        }

        /// <summary>
        /// Connects and shakes hands; blocks. <paramref name="opened"/> gets the connection before the handshake, so
        /// that another thread can end it. Throws <see cref="ZmtpException"/>.
        /// </summary>
        public static ZmtpDealer Connect(ZmtpOptions options, Action<ZmtpDealer> opened, Func<bool> cancelled)
        {
            var stream = SocketStream.Open(options, cancelled);
            var dealer = new ZmtpDealer(stream, options);
            try
            {
                opened(dealer);
                stream.TimeoutMs = options.ConnectTimeoutMs;
                Handshake.Run(stream, options);
                stream.TimeoutMs = 0;
                return dealer;
            }
            catch (Exception error) when (IsConnectionError(error))
            {
                dealer.Dispose();
                // A server that closes in the middle of PLAIN's handshake has not liked what it read.
                var refused = options.Username != null && error is EndOfStreamException;
                throw new ZmtpException(refused ? ZmtpFailure.Refused : ZmtpFailure.Lost, refused
                    ? "The server closed the connection during the handshake. Is the token right?"
                    : "The handshake with the server failed: " + Reason(error), error);
            }
            catch (ZmtpException)
            {
                dealer.Dispose();
                throw;
            }
        }

        public void Dispose() => _stream.Dispose();

        /// <summary>
        /// Sends one message. Blocks while the network takes no more, so never call it on an engine's main thread.
        /// Throws <see cref="ZmtpException"/>.
        /// </summary>
        public void Send(List<ArraySegment<byte>> parts)
        {
            try
            {
                lock (_sending)
                {
                    for (var i = 0; i < parts.Count; i++) WritePart(parts[i], i + 1 < parts.Count ? MoreFlag : (byte)0);
                    _stream.Flush();
                }
                PayPong();
            }
            catch (Exception error) when (IsConnectionError(error))
            {
                throw Lost(error);
            }
        }

        /// <summary>Waits for one whole message. Throws <see cref="ZmtpException"/>.</summary>
        public void Receive(ZmtpMessage message)
        {
            message.Clear();
            try
            {
                while (!ReadPart(message)) { }
            }
            catch (Exception error) when (IsConnectionError(error))
            {
                throw Lost(error);
            }
        }

        void WritePart(ArraySegment<byte> part, byte flags)
        {
            if (part.Count < 256)
            {
                _stream.Write(flags);
                _stream.Write((byte)part.Count);
            }
            else
            {
                _stream.Write((byte)(flags | LongFlag));
                for (var shift = 56; shift >= 0; shift -= 8) _stream.Write((byte)((long)part.Count >> shift));
            }
            _stream.Write(part.Array, part.Offset, part.Count);
        }

        // Returns whether the message is whole.
        bool ReadPart(ZmtpMessage message)
        {
            var flags = _stream.ReadByte();
            if ((flags & ~(MoreFlag | LongFlag | CommandFlag)) != 0 || (flags & (MoreFlag | CommandFlag)) == (MoreFlag | CommandFlag))
                throw new ZmtpException(ZmtpFailure.Misunderstood, "The server sent a frame that is not ZMTP's.");
            ulong length = 0;
            for (var bytes = (flags & LongFlag) != 0 ? 8 : 1; bytes > 0; bytes--) length = length << 8 | _stream.ReadByte();
            if ((flags & CommandFlag) != 0)
            {
                if (message.Count > 0) throw new ZmtpException(ZmtpFailure.Misunderstood, "The server sent a command inside a message.");
                ReadCommand(length);
                return false;
            }
            // Before memory of the claimed size is spent.
            if (length > (ulong)(_options.MaxMessageBytes - message.TotalBytes) || message.Count == _options.MaxParts)
                throw new ZmtpException(ZmtpFailure.Misunderstood, "The server sent a message over the limits.");
            _stream.Read(message.AddPart((int)length), 0, (int)length);
            return (flags & MoreFlag) == 0;
        }

        void ReadCommand(ulong length)
        {
            if (length < 1 || length > MaxCommandBytes)
                throw new ZmtpException(ZmtpFailure.Misunderstood, "The server sent a command over the limits.");
            var body = new byte[length];
            _stream.Read(body, 0, body.Length);
            // \4PING ttl(2 bytes) context(at most 16) is answered by \4PONG context. Others need no answer.
            var isPing = body.Length >= 7 && body.Length <= 23 && body[0] == 4 && body[1] == 'P' && body[2] == 'I' && body[3] == 'N' && body[4] == 'G';
            if (!isPing) return;
            var pong = new byte[body.Length - 2];
            Buffer.BlockCopy(body, 0, pong, 0, 5);
            pong[2] = (byte)'O';
            Buffer.BlockCopy(body, 7, pong, 5, body.Length - 7);
            _owedPong = pong;
            PayPong();
        }

        // Whoever has the sending lock pays. The receiver never waits for it: it must go on reading while a send is
        // blocked. If the lock is taken here, its holder comes by this method right after leaving it.
        void PayPong()
        {
            while (_owedPong != null && System.Threading.Monitor.TryEnter(_sending))
            {
                try
                {
                    var pong = _owedPong;
                    _owedPong = null;
                    if (pong == null) continue;
                    _stream.Write(CommandFlag);
                    _stream.Write((byte)pong.Length);
                    _stream.Write(pong, 0, pong.Length);
                    _stream.Flush();
                }
                finally
                {
                    System.Threading.Monitor.Exit(_sending);
                }
            }
        }

        static bool IsConnectionError(Exception error)
            => error is SocketException || error is ObjectDisposedException || error is EndOfStreamException;

        static ZmtpException Lost(Exception error) => new ZmtpException(ZmtpFailure.Lost, "The connection broke: " + Reason(error), error);

        // A timeout is called "would block" by some systems, which says nothing to anybody.
        static string Reason(Exception error)
        {
            var socketError = error as SocketException;
            var late = socketError != null
                && (socketError.SocketErrorCode == SocketError.WouldBlock || socketError.SocketErrorCode == SocketError.TimedOut);
            return late ? "it did not answer in time." : error.Message;
        }
    }
}
