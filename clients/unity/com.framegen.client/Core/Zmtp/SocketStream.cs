using System;
using System.IO;
using System.Net;
using System.Net.Sockets;

namespace FrameGen.Zmtp
{
    /// <summary>
    /// A TCP socket with small buffers before it, so that frame headers do not cost a system call each. One thread may
    /// read while another writes; <see cref="Dispose"/> from a third ends both.
    /// </summary>
    sealed class SocketStream : IDisposable
    {
        const int CoalesceBytes = 8 * 1024; // smaller pieces share one send call, larger ones are not copied
        const int SliceMs = 20;

        readonly Socket _socket;
        readonly byte[] _out = new byte[64 * 1024];
        readonly byte[] _in = new byte[64 * 1024];
        int _outCount, _inStart, _inEnd;

        SocketStream(Socket socket)
        {
            _socket = socket;
        }

        /// <summary>Connects; gives up as soon as <paramref name="cancelled"/> says so. Throws <see cref="ZmtpException"/>.</summary>
        public static SocketStream Open(ZmtpOptions options, Func<bool> cancelled)
        {
            Exception last = null;
            // Every address is tried: on Windows "localhost" is ::1 first, where a server bound to 127.0.0.1 is not.
            foreach (var address in Addresses(options.Host))
            {
                var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                try
                {
                    socket.SendBufferSize = socket.ReceiveBufferSize = options.SocketBufferBytes;
                    var pending = socket.BeginConnect(address, options.Port, null, null);
                    for (var waited = 0; !pending.AsyncWaitHandle.WaitOne(SliceMs); waited += SliceMs)
                        if (cancelled() || waited > options.ConnectTimeoutMs) throw new SocketException((int)SocketError.TimedOut);
                    socket.EndConnect(pending);
                    return new SocketStream(socket);
                }
                catch (Exception error) when (error is SocketException || error is ObjectDisposedException)
                {
                    socket.Close();
                    last = error;
                }
            }
            throw new ZmtpException(ZmtpFailure.Lost, "No server answers at " + options.Host + ":" + options.Port + ".", last);
        }

        static IPAddress[] Addresses(string host)
        {
            IPAddress literal;
            if (IPAddress.TryParse(host, out literal)) return new[] { literal };
            try
            {
                return Dns.GetHostAddresses(host);
            }
            catch (Exception error) when (error is SocketException || error is ArgumentException)
            {
                throw new ZmtpException(ZmtpFailure.Lost, "The name '" + host + "' leads nowhere.", error);
            }
        }

        /// <summary>Longest wait of one read or write; 0: for ever.</summary>
        public int TimeoutMs
        {
            set { _socket.ReceiveTimeout = _socket.SendTimeout = value; }
        }

        public void Dispose()
        {
            try
            {
                _socket.Shutdown(SocketShutdown.Both); // wakes what is blocked in Send or Receive; Close alone does not everywhere
            }
            catch (Exception error) when (error is SocketException || error is ObjectDisposedException)
            {
                // Not connected any more: nothing is blocked.
            }
            _socket.Close();
        }

        public void Write(byte value)
        {
            if (_outCount == _out.Length) Flush();
            _out[_outCount++] = value;
        }

        public void Write(byte[] data, int offset, int count)
        {
            if (count > CoalesceBytes)
            {
                Flush();
                SendAll(data, offset, count);
                return;
            }
            if (_outCount + count > _out.Length) Flush();
            Buffer.BlockCopy(data, offset, _out, _outCount, count);
            _outCount += count;
        }

        public void Flush()
        {
            var count = _outCount;
            _outCount = 0;
            SendAll(_out, 0, count);
        }

        void SendAll(byte[] data, int offset, int count)
        {
            while (count > 0)
            {
                var sent = _socket.Send(data, offset, count, SocketFlags.None);
                offset += sent;
                count -= sent;
            }
        }

        public byte ReadByte()
        {
            if (_inStart == _inEnd)
            {
                _inStart = 0;
                _inEnd = 0;
                _inEnd = ReadSome(_in, 0, _in.Length);
            }
            return _in[_inStart++];
        }

        public void Read(byte[] target, int offset, int count)
        {
            var buffered = Math.Min(count, _inEnd - _inStart);
            Buffer.BlockCopy(_in, _inStart, target, offset, buffered);
            _inStart += buffered;
            offset += buffered;
            count -= buffered;
            while (count > 0)
            {
                var read = ReadSome(target, offset, count);
                offset += read;
                count -= read;
            }
        }

        int ReadSome(byte[] target, int offset, int count)
        {
            var read = _socket.Receive(target, offset, count, SocketFlags.None);
            if (read == 0) throw new EndOfStreamException("The server closed the connection.");
            return read;
        }
    }
}
