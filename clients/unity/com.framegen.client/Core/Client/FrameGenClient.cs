using System;
using System.Collections.Generic;
using System.Threading;
using FrameGen.Protocol;
using FrameGen.Zmtp;

namespace FrameGen.Client
{
    /// <summary>
    /// A connection to a server that heals itself, and two single places: the newest frame waits to be sent, the newest
    /// result waits to be shown. No method blocks, so all may be called from an engine's main thread; in the steady
    /// state nothing is allocated.
    /// </summary>
    public sealed partial class FrameGenClient : IDisposable
    {
        const int RetryMs = 100, MaxRetryMs = 2000, RefusedRetryMs = 5000, TickMs = 200, CloseMs = 50, MaxEvents = 64;
        const long StalledNs = 1000000000;

        readonly ClientOptions _options;
        readonly ZmtpOptions _address;
        readonly object _gate = new object();
        readonly Queue<byte[]> _outbox = new Queue<byte[]>();
        readonly Queue<ClientEvent> _events = new Queue<ClientEvent>();
        readonly Stack<Result> _spare = new Stack<Result>();
        readonly Encoder _encoder = new Encoder();
        readonly Decoder _decoder = new Decoder();
        readonly List<ArraySegment<byte>> _control = new List<ArraySegment<byte>>();
        readonly Session _session;
        readonly Thread _thread;
        ZmtpDealer _dealer;
        Frame _waiting;
        Result _newest;
        long _lastFrameNs;
        bool _closing;
        ZmtpDealer _broken; // the connection whose receiver has ended
        string _complaint = "";

        /// <summary>Begins to connect. Throws FormatException where the address is none.</summary>
        public FrameGenClient(ClientOptions options)
        {
            _options = options;
            _address = ZmtpOptions.Parse(options.Address);
            if (!string.IsNullOrEmpty(options.Token))
            {
                _address.Username = "framegen";
                _address.Password = options.Token;
            }
            for (var i = 0; i < 4; i++) _spare.Push(new Result());
            var hello = new Hello
            {
                Client = options.Name,
                Codecs = options.Codecs,
                Capabilities = new[] { "reprojected" },
                Settings = new Dictionary<string, object>(),
            };
            _session = new Session(hello, _outbox, Tell);
            // A hello that is refused opens no session.
            foreach (var update in SettingsMap.Refusable(options.Settings, hello.Settings)) _session.Update(update);
            _thread = new Thread(Run) { IsBackground = true, Name = "FrameGen link" };
            _thread.Start();
        }

        public bool IsOpen { get { lock (_gate) return _session.State == SessionState.Open; } }

        /// <summary>The server's last welcome; null before the first.</summary>
        public Welcome Welcome { get { lock (_gate) return _session.Welcome; } }

        public ClientStats Stats { get { lock (_gate) return _session.Stats; } }

        /// <summary>Revision of the settings that the server confirmed last.</summary>
        public uint SettingsRevision { get { lock (_gate) return _session.SettingsRevision; } }

        /// <summary>Why there is no connection; empty while nothing is wrong.</summary>
        public string Complaint { get { lock (_gate) return _complaint; } }

        /// <summary>
        /// Whether a frame offered now would leave at once: worth asking before a frame is rendered for sending.
        /// </summary>
        public bool WantsFrame { get { lock (_gate) return _waiting == null && HasRoom(MonotonicClock.NowNs); } }

        /// <summary>
        /// Sends a frame as soon as the network takes it. Of frames that wait the newest wins. The frame belongs to the
        /// client until its Released is called, which may be at once and on any thread.
        /// </summary>
        public void Offer(Frame frame)
        {
            Frame free;
            lock (_gate)
            {
                if (_closing)
                {
                    free = frame;
                }
                else
                {
                    free = _waiting;
                    if (free != null) TakePlace(free, frame);
                    _waiting = frame;
                    Monitor.PulseAll(_gate);
                }
            }
            Release(free);
        }

        // The frame that never leaves hands on what the server must know: where motion points to, and a cut.
        void TakePlace(Frame older, Frame newer)
        {
            _session.Stats.Replaced++;
            if (newer.Reset) return;
            newer.Reset = older.Reset;
            if (newer.HasMotionFrom || newer.IndexOf(PlaneName.Motion) < 0) return;
            newer.HasMotionFrom = true;
            newer.MotionFromFrameId = older.Id;
        }

        /// <summary>Changes some settings; said again after a reconnect. Returns the number its answer carries.</summary>
        public uint Update(Dictionary<string, object> changes)
        {
            lock (_gate)
            {
                var request = _session.Update(changes);
                Monitor.PulseAll(_gate);
                return request;
            }
        }

        /// <summary>Asks the server to forget the session's history.</summary>
        public void Reset()
        {
            lock (_gate)
            {
                _session.Reset();
                Monitor.PulseAll(_gate);
            }
        }

        /// <summary>The newest result that was not taken yet, or null. Give it back with <see cref="Recycle"/>.</summary>
        public Result TakeResult()
        {
            lock (_gate)
            {
                var result = _newest;
                _newest = null;
                return result;
            }
        }

        public void Recycle(Result result)
        {
            lock (_gate) _spare.Push(result);
        }

        /// <summary>What happened next, or null.</summary>
        public ClientEvent TakeEvent()
        {
            lock (_gate) return _events.Count > 0 ? _events.Dequeue() : null;
        }

        /// <summary>Server's clock minus <see cref="MonotonicClock"/>, and how well it is known; false: not yet.</summary>
        public bool TryGetClock(out long offsetNs, out long roundTripNs)
        {
            lock (_gate)
            {
                offsetNs = _session.Clock.OffsetNs;
                roundTripNs = _session.Clock.RoundTripNs;
                return _session.Clock.IsKnown;
            }
        }

        /// <summary>
        /// Ends the connection, within milliseconds even in the middle of a handshake or a blocked send. The bye is
        /// sent where that costs no waiting; a server notices the closed connection as well.
        /// </summary>
        public void Dispose()
        {
            Frame free;
            ZmtpDealer dealer;
            lock (_gate)
            {
                if (_closing) return;
                _closing = true;
                _session.Bye("closed");
                free = _waiting;
                _waiting = null;
                dealer = _dealer;
                Monitor.PulseAll(_gate);
            }
            Release(free);
            if (_thread.Join(CloseMs)) return;
            // Blocked in a send or a handshake. The threads are background threads and hold no object of the engine.
            if (dealer != null) dealer.Dispose();
            _thread.Join(CloseMs);
        }
    }
}
