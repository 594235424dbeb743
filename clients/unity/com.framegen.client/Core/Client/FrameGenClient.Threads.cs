using System;
using System.Collections.Generic;
using System.Threading;
using FrameGen.Protocol;
using FrameGen.Zmtp;

namespace FrameGen.Client
{
    // The two threads: one connects, sends and keeps the heartbeat, the other receives. Both wait in the socket or for
    // the gate, and neither holds the gate while it waits in the socket.
    public sealed partial class FrameGenClient
    {
        void Run()
        {
            var retryMs = RetryMs;
            while (true)
            {
                var pauseMs = retryMs;
                retryMs = Math.Min(2 * retryMs, MaxRetryMs);
                try
                {
                    var connections = Stats.Connections;
                    Converse(ZmtpDealer.Connect(_address, Publish, IsClosing));
                    if (Stats.Connections != connections) retryMs = RetryMs;
                }
                catch (ZmtpException error)
                {
                    if (error.Failure != ZmtpFailure.Lost) pauseMs = RefusedRetryMs;
                    Complain(error);
                }
                lock (_gate)
                {
                    for (var until = MonotonicClock.NowNs + pauseMs * 1000000L; !_closing && MonotonicClock.NowNs < until;)
                        Monitor.Wait(_gate, (int)((until - MonotonicClock.NowNs) / 1000000) + 1);
                    if (_closing) return;
                }
            }
        }

        bool IsClosing()
        {
            lock (_gate) return _closing;
        }

        void Publish(ZmtpDealer dealer)
        {
            lock (_gate)
            {
                if (_closing) throw new ObjectDisposedException(nameof(FrameGenClient));
                _dealer = dealer;
            }
        }

        // One connection, from hello to its end.
        void Converse(ZmtpDealer dealer)
        {
            var reader = new Thread(() => ReadAll(dealer)) { IsBackground = true, Name = "FrameGen receiver" };
            try
            {
                lock (_gate)
                {
                    if (!_closing) _session.Connect(MonotonicClock.NowNs);
                }
                reader.Start();
                while (SendNext(dealer)) { }
            }
            catch (ZmtpException error)
            {
                Note(error);
            }
            finally
            {
                dealer.Dispose();
                reader.Join(CloseMs);
                lock (_gate)
                {
                    _dealer = null;
                    _session.Close("", _complaint == "" ? "The connection broke." : _complaint);
                }
            }
        }

        // Sends what is next, waiting for it; false: this connection is over.
        bool SendNext(ZmtpDealer dealer)
        {
            Frame frame = null;
            var goesOn = true;
            lock (_gate)
            {
                while (true)
                {
                    var nowNs = MonotonicClock.NowNs;
                    if (!_closing) _session.Tick(nowNs);
                    goesOn = !_closing && _broken != dealer && _session.State != SessionState.Closed;
                    if (_outbox.Count > 0 && _broken != dealer)
                    {
                        _control.Clear();
                        _control.Add(new ArraySegment<byte>(_outbox.Dequeue()));
                        break;
                    }
                    if (!goesOn) return false;
                    if (_waiting != null && HasRoom(nowNs))
                    {
                        frame = _waiting;
                        _waiting = null;
                        break;
                    }
                    Monitor.Wait(_gate, TickMs);
                }
            }
            if (frame == null) dealer.Send(_control);
            else SendFrame(dealer, frame);
            return true;
        }

        // A full window holds frames back for a second at most: an answer may have been lost.
        bool HasRoom(long nowNs)
        {
            var isFull = _session.InFlightCount >= _options.MaxInFlight && nowNs - _lastFrameNs < StalledNs;
            return _session.State == SessionState.Open && !isFull;
        }

        void SendFrame(ZmtpDealer dealer, Frame frame)
        {
            try
            {
                List<ArraySegment<byte>> parts;
                try
                {
                    if (_options.CheckPixels) FrameRules.CheckPixels(frame);
                    parts = _encoder.Frame(frame, _session.Limits);
                    lock (_gate)
                    {
                        _lastFrameNs = MonotonicClock.NowNs;
                        _session.BeginFrame(frame, _lastFrameNs);
                    }
                }
                catch (ProtocolException error)
                {
                    lock (_gate)
                    {
                        _session.Stats.Failed++;
                        Tell(new ClientEvent { Kind = ClientEventKind.Error, Code = error.Code, Message = error.Message, Hint = error.Hint, FrameId = frame.Id });
                    }
                    return;
                }
                dealer.Send(parts);
            }
            finally
            {
                Release(frame);
            }
        }

        void ReadAll(ZmtpDealer dealer)
        {
            Result slot = null;
            try
            {
                while (true)
                {
                    if (slot == null) slot = TakeSpare();
                    dealer.Receive(slot.Parts);
                    slot = Take(slot);
                }
            }
            catch (ZmtpException error)
            {
                Note(error);
            }
            finally
            {
                lock (_gate)
                {
                    if (slot != null) _spare.Push(slot);
                    _broken = dealer;
                    Monitor.PulseAll(_gate);
                }
            }
        }

        // Takes what arrived; returns the slot where it can be filled again, null where it is now the newest result.
        Result Take(Result slot)
        {
            MessageType type;
            try
            {
                type = _decoder.Decode(slot);
            }
            catch (ProtocolException error)
            {
                lock (_gate)
                {
                    _session.Complain(error);
                    Monitor.PulseAll(_gate);
                }
                return slot;
            }
            if (type == MessageType.Result && _options.WidenToRgba) slot.Widen();
            lock (_gate)
            {
                var isResult = _session.Receive(type, _decoder, slot, MonotonicClock.NowNs);
                if (type == MessageType.Welcome) _complaint = "";
                if (isResult)
                {
                    if (_newest != null) _spare.Push(_newest);
                    _newest = slot;
                }
                Monitor.PulseAll(_gate);
                return isResult ? null : slot;
            }
        }

        Result TakeSpare()
        {
            lock (_gate) return _spare.Count > 0 ? _spare.Pop() : new Result();
        }

        // Why a connection broke, for the session to tell when it closes; after we left it ourselves it says nothing new.
        void Note(ZmtpException error)
        {
            lock (_gate)
                if (_session.State != SessionState.Closed) _complaint = error.Message;
        }

        // Why there is no connection: told once, not at every try.
        void Complain(ZmtpException error)
        {
            lock (_gate)
            {
                if (_closing || _complaint == error.Message) return;
                _complaint = error.Message;
                var code = error.Failure == ZmtpFailure.Refused ? ErrorCodes.Unauthorized : "";
                Tell(new ClientEvent { Kind = ClientEventKind.Lost, Code = code, Message = error.Message });
            }
        }

        void Tell(ClientEvent happened)
        {
            if (_events.Count == MaxEvents) _events.Dequeue(); // nobody polls: the latest matter
            _events.Enqueue(happened);
        }

        static void Release(Frame frame)
        {
            if (frame != null && frame.Released != null) frame.Released(frame);
        }
    }
}
