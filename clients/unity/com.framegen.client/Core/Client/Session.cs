using System;
using System.Collections.Generic;
using FrameGen.Protocol;

namespace FrameGen.Client
{
    public enum SessionState
    {
        /// <summary>No hello said.</summary>
        Closed,
        /// <summary>Hello said, no welcome yet.</summary>
        Greeting,
        Open
    }

    /// <summary>Counts since the client began.</summary>
    public struct ClientStats
    {
        public long Sent, Answered, Superseded, Failed, Lost;
        /// <summary>Frames that a newer one displaced before they were sent.</summary>
        public long Replaced;
        public long Connections;
    }

    /// <summary>
    /// One session as the client sees it (SPEC.md, "Sessions"): what may be said when, and what an answer means. Knows
    /// no sockets and no clock: times are passed in. Not thread-safe.
    /// </summary>
    /// <remarks>
    /// Settings that the server confirmed are said again in the hello of a reconnect, and updates that it has not
    /// answered are sent again after the welcome: a prompt is changed once.
    /// </remarks>
    public sealed class Session
    {
        const int SilentHeartbeats = 4;

        readonly Encoder _encoder = new Encoder();
        readonly Queue<byte[]> _outbox;
        readonly Action<ClientEvent> _tell;
        readonly Hello _hello;
        readonly SortedDictionary<uint, Dictionary<string, object>> _pending = new SortedDictionary<uint, Dictionary<string, object>>();
        readonly InFlight _inFlight = new InFlight();
        Dictionary<string, object> _unsaid; // what was changed while there was no session; null for nothing
        uint _unsaidRequest;
        uint _requests;
        long _lastPingNs, _lastHeardNs, _lastTickNs;
        bool _anySent;
        ulong _lastFrameId;

        public SessionState State { get; private set; }
        /// <summary>The last welcome; null before the first.</summary>
        public Welcome Welcome { get; private set; }
        public Limits Limits { get; private set; } = new Limits();
        public ClockFilter Clock { get; private set; } = new ClockFilter();
        public uint SettingsRevision { get; private set; }
        public int InFlightCount => _inFlight.Count;
        public ClientStats Stats;

        /// <param name="hello">Said at each connection; its settings grow by what the server confirms.</param>
        /// <param name="outbox">Headers to send, in order, come here.</param>
        /// <param name="tell">Gets what happens.</param>
        public Session(Hello hello, Queue<byte[]> outbox, Action<ClientEvent> tell)
        {
            _hello = hello;
            _outbox = outbox;
            _tell = tell;
        }

        /// <summary>A connection is there: say hello.</summary>
        public void Connect(long nowNs)
        {
            _outbox.Clear();
            _inFlight.Clear();
            State = SessionState.Greeting;
            Clock = new ClockFilter();
            _lastPingNs = _lastHeardNs = _lastTickNs = nowNs;
            _outbox.Enqueue(_encoder.Hello(_hello));
        }

        /// <summary>The connection is gone, or we leave it.</summary>
        public void Close(string code, string message, string hint = "")
        {
            if (State == SessionState.Closed) return;
            State = SessionState.Closed;
            Stats.Lost += _inFlight.Clear();
            _tell(new ClientEvent { Kind = ClientEventKind.Lost, Code = code, Message = message, Hint = hint });
        }

        /// <summary>Says bye where there is somebody to say it to.</summary>
        public void Bye(string reason)
        {
            if (State == SessionState.Closed) return;
            _outbox.Clear();
            _outbox.Enqueue(_encoder.Bye(reason));
            State = SessionState.Closed;
            Stats.Lost += _inFlight.Clear();
        }

        /// <summary>Notes that a frame is sent now. Throws <see cref="ProtocolException"/> where it must not be.</summary>
        public void BeginFrame(Frame frame, long nowNs)
        {
            if (State != SessionState.Open) throw new ProtocolException(ErrorCodes.OutOfOrder, "There is no session.");
            if (_anySent && frame.Id <= _lastFrameId)
                throw new ProtocolException(ErrorCodes.OutOfOrder, "Frame " + frame.Id + " after frame " + _lastFrameId + ".", "Frame ids only ever grow.");
            _anySent = true;
            _lastFrameId = frame.Id;
            _inFlight.Add(frame.Id, nowNs);
            Stats.Sent++;
        }

        /// <summary>
        /// Changes some settings, now or as soon as there is a session. Returns the number that the last of its answers
        /// carries. What is changed while there is none is said together, under the same number, so that a game that
        /// changes settings every frame does not pile them up.
        /// </summary>
        public uint Update(Dictionary<string, object> changes)
        {
            if (State == SessionState.Open)
            {
                SayParts(changes, 0);
                return _requests;
            }
            if (_unsaid == null) _unsaidRequest = NextRequest();
            _unsaid = _unsaid == null ? changes : SettingsMap.Joined(_unsaid, changes);
            return _unsaidRequest;
        }

        uint NextRequest() => _requests = _requests == uint.MaxValue ? 1 : _requests + 1;

        // What may be refused stands alone, and before the rest; lastRequest is the number of what is said last, 0 a new one.
        void SayParts(Dictionary<string, object> changes, uint lastRequest)
        {
            var safe = new Dictionary<string, object>();
            var parts = SettingsMap.Refusable(changes, safe);
            if (safe.Count > 0 || parts.Count == 0) parts.Add(safe);
            for (var i = 0; i < parts.Count; i++)
            {
                var request = i == parts.Count - 1 && lastRequest != 0 ? lastRequest : NextRequest();
                _pending[request] = parts[i];
                Say(request, parts[i]);
            }
        }

        /// <summary>Forgets the session's history; without a session there is none.</summary>
        public void Reset()
        {
            if (State == SessionState.Open) _outbox.Enqueue(_encoder.Reset());
        }

        /// <summary>A message that could not be read is answered with an error, once; it is our server's fault.</summary>
        public void Complain(ProtocolException error)
        {
            // A message of a later version is no fault (SPEC.md, "Versions").
            if (State != SessionState.Open || error.Code == ErrorCodes.UnknownMessageType) return;
            _outbox.Enqueue(_encoder.Error(new ErrorMessage { Code = error.Code, Message = error.Message, FrameId = error.FrameId, Request = error.Request }));
        }

        /// <summary>
        /// Heartbeats; hello again where none was answered; gives up on a server that says nothing. To be called more often
        /// than once a heartbeat: of a longer pause, in which this program stood still (a breakpoint, a sleeping machine) and
        /// could not hear anything, only one heartbeat counts as silence.
        /// </summary>
        public void Tick(long nowNs)
        {
            var heartbeatNs = Math.Min(Limits.HeartbeatMs, 3600000) * 1000000;
            var stoodStillNs = Math.Max(0, nowNs - _lastTickNs - heartbeatNs);
            _lastHeardNs = Math.Min(nowNs, _lastHeardNs + stoodStillNs);
            _lastTickNs = nowNs;
            if (nowNs - _lastHeardNs >= SilentHeartbeats * heartbeatNs)
                Close("", "The server has said nothing for " + (nowNs - _lastHeardNs) / 1000000 + " ms.", "Is it still running?");
            if (State == SessionState.Closed || nowNs - _lastPingNs < heartbeatNs) return;
            if (State == SessionState.Open) Ping(nowNs);
            else _outbox.Enqueue(_encoder.Hello(_hello));
            _lastPingNs = nowNs;
        }

        /// <summary>
        /// Takes one decoded message. True: it is the result of a frame in flight, with its round trip filled in.
        /// </summary>
        public bool Receive(MessageType type, Decoder decoder, Result result, long nowNs)
        {
            _lastHeardNs = nowNs;
            if (State == SessionState.Closed) return false;
            switch (type)
            {
                case MessageType.Welcome: Opened(decoder.Welcome, nowNs); return false;
                case MessageType.Result: return Answered(result, nowNs);
                case MessageType.Superseded:
                    long sentNs;
                    if (_inFlight.Remove(decoder.Superseded.FrameId, out sentNs)) Stats.Superseded++;
                    return false;
                case MessageType.SettingsApplied: Applied(decoder.SettingsApplied); return false;
                case MessageType.Ping: _outbox.Enqueue(_encoder.Pong(decoder.Ping.SentNs, nowNs, nowNs)); return false;
                case MessageType.Pong:
                    Clock.Answered(decoder.Pong.SentNs, decoder.Pong.ReceivedNs, decoder.Pong.RepliedNs, nowNs);
                    return false;
                case MessageType.Error: Failed(decoder.Error); return false;
                case MessageType.Bye:
                    Close("", "The server ended the session" + (decoder.Bye.Reason == "" ? "." : ": " + decoder.Bye.Reason + "."));
                    return false;
                default: return false; // a server does not send the others
            }
        }

        void Opened(Welcome welcome, long nowNs)
        {
            if (!welcome.Protocol.StartsWith("1.", StringComparison.Ordinal))
            {
                Close(ErrorCodes.UnsupportedProtocol, "The server speaks protocol " + welcome.Protocol + ", this client 1.0.", "Update the older of the two.");
                return;
            }
            if (State == SessionState.Greeting) _anySent = false;
            State = SessionState.Open;
            Welcome = welcome;
            Limits = welcome.Limits;
            SettingsRevision = welcome.SettingsRevision;
            Stats.Connections++;
            Ping(nowNs);
            _lastPingNs = nowNs;
            foreach (var update in _pending) Say(update.Key, update.Value);
            if (_unsaid != null) SayParts(_unsaid, _unsaidRequest);
            _unsaid = null;
            _tell(new ClientEvent { Kind = ClientEventKind.Connected, Welcome = welcome });
        }

        bool Answered(Result result, long nowNs)
        {
            long sentNs;
            if (!_inFlight.Remove(result.FrameId, out sentNs)) return false;
            Stats.Lost += _inFlight.RemoveOlder(result.FrameId);
            Stats.Answered++;
            result.RoundTripNs = nowNs - sentNs;
            return true;
        }

        void Applied(SettingsApplied applied)
        {
            Dictionary<string, object> changes;
            if (_pending.TryGetValue(applied.Request, out changes))
            {
                _pending.Remove(applied.Request);
                _hello.Settings = SettingsMap.Merged(_hello.Settings, changes);
            }
            SettingsRevision = applied.Revision;
            _tell(new ClientEvent { Kind = ClientEventKind.SettingsApplied, Applied = applied, Request = applied.Request });
        }

        void Failed(ErrorMessage error)
        {
            if (error.Fatal)
            {
                Close(error.Code, error.Message, error.Hint);
                return;
            }
            long sentNs;
            if (error.FrameId.HasValue && _inFlight.Remove(error.FrameId.Value, out sentNs)) Stats.Failed++;
            if (error.Request.HasValue) _pending.Remove(error.Request.Value);
            _tell(new ClientEvent { Kind = ClientEventKind.Error, Code = error.Code, Message = error.Message, Hint = error.Hint, FrameId = error.FrameId, Request = error.Request });
        }

        void Ping(long nowNs)
        {
            Clock.Sent(nowNs);
            _outbox.Enqueue(_encoder.Ping(nowNs));
        }

        void Say(uint request, Dictionary<string, object> changes)
            => _outbox.Enqueue(_encoder.Settings(new SettingsUpdate { Request = request, Changes = changes }));
    }
}
