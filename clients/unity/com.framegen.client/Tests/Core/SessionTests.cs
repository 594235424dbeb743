using System;
using System.Collections.Generic;
using FrameGen.Client;
using FrameGen.Protocol;
using NUnit.Framework;

namespace FrameGen.Tests
{
    public sealed class SessionTests
    {
        const long SecondNs = 1000000000;

        readonly Queue<byte[]> _outbox = new Queue<byte[]>();
        readonly List<ClientEvent> _events = new List<ClientEvent>();
        readonly Decoder _decoder = new Decoder();
        readonly Result _slot = new Result();
        readonly Session _session;

        public SessionTests()
        {
            _session = new Session(new Hello(), _outbox, _events.Add);
        }

        // What the session says next, decoded.
        MessageType Said()
        {
            var header = _outbox.Dequeue();
            _slot.Parts.Clear();
            Buffer.BlockCopy(header, 0, _slot.Parts.AddPart(header.Length), 0, header.Length);
            return _decoder.Decode(_slot);
        }

        bool Hears(Dictionary<string, object> message, long nowNs = 0)
        {
            var writer = new Pack.PackWriter();
            writer.Value(message);
            var header = writer.ToArray();
            _slot.Parts.Clear();
            Buffer.BlockCopy(header, 0, _slot.Parts.AddPart(header.Length), 0, header.Length);
            Buffer.BlockCopy(new byte[] { 1, 2, 3 }, 0, _slot.Parts.AddPart(3), 0, 3);
            return _session.Receive(_decoder.Decode(_slot), _decoder, _slot, nowNs);
        }

        static Dictionary<string, object> Welcome(string protocol = "1.0") => new Dictionary<string, object>
        {
            { "type", "welcome" }, { "protocol", protocol }, { "session", "s" }, { "models", new List<object> { "m" } },
            { "limits", new Dictionary<string, object> { { "heartbeat_ms", 1000 } } }, { "settings", new Dictionary<string, object>() }
        };

        static Dictionary<string, object> Result(ulong id) => new Dictionary<string, object>
        {
            { "type", "result" }, { "frame_id", id }, { "timestamp_ns", 0 }, { "width", 1 }, { "height", 1 }, { "how", "generated" },
            { "settings_revision", 0 },
            { "planes", new Dictionary<string, object> { { "image", new Dictionary<string, object> { { "format", "rgb8" }, { "part", 1 } } } } }
        };

        void Open(long nowNs = 0)
        {
            _session.Connect(nowNs);
            Assert.AreEqual(MessageType.Hello, Said());
            Hears(Welcome(), nowNs);
            Assert.AreEqual(MessageType.Ping, Said());
            Assert.AreEqual(SessionState.Open, _session.State);
            Assert.AreEqual(ClientEventKind.Connected, _events[_events.Count - 1].Kind);
        }

        [Test]
        public void NoFrameBeforeTheWelcome()
        {
            _session.Connect(0);
            Assert.AreEqual(ErrorCodes.OutOfOrder, Assert.Throws<ProtocolException>(() => _session.BeginFrame(new Frame { Id = 1 }, 0)).Code);
        }

        [Test]
        public void FrameIdsOnlyGrow()
        {
            Open();
            _session.BeginFrame(new Frame { Id = 0 }, 0);
            _session.BeginFrame(new Frame { Id = 5 }, 0);
            Assert.Throws<ProtocolException>(() => _session.BeginFrame(new Frame { Id = 5 }, 0));
            Open(); // a new session counts anew
            _session.BeginFrame(new Frame { Id = 1 }, 0);
        }

        [Test]
        public void AnAnswerSettlesOlderFramesAsLost()
        {
            Open();
            for (var id = 1UL; id <= 3; id++) _session.BeginFrame(new Frame { Id = id }, 10);
            Assert.IsTrue(Hears(Result(2), 35));
            Assert.AreEqual(25L, _slot.RoundTripNs);
            Assert.AreEqual(1L, _session.Stats.Lost);
            Assert.AreEqual(1, _session.InFlightCount);
            Assert.IsFalse(Hears(Result(2)), "answered already");
            Assert.IsFalse(Hears(Result(9)), "never sent");
        }

        [Test]
        public void ASupersededFrameIsAnswered()
        {
            Open();
            _session.BeginFrame(new Frame { Id = 1 }, 0);
            Hears(new Dictionary<string, object> { { "type", "superseded" }, { "frame_id", 1 }, { "timestamp_ns", 0 }, { "by_frame_id", 2 } });
            Assert.AreEqual(0, _session.InFlightCount);
            Assert.AreEqual(1L, _session.Stats.Superseded);
        }

        [Test]
        public void SettingsAreSaidAgainUntilAnsweredAndThenInTheHello()
        {
            var request = _session.Update(new Dictionary<string, object> { { "prompt", "snow" } });
            Assert.AreEqual(0, _outbox.Count);
            Open();
            Assert.AreEqual(MessageType.Settings, Said());
            Assert.AreEqual(request, _decoder.Settings.Request);
            Open(); // the connection broke before the answer
            Assert.AreEqual(MessageType.Settings, Said());
            Hears(new Dictionary<string, object> { { "type", "settings_applied" }, { "request", request }, { "revision", 3 } });
            Assert.AreEqual(3U, _session.SettingsRevision);
            _session.Connect(0);
            Said();
            Assert.AreEqual("snow", _decoder.Hello.Settings["prompt"]);
        }

        [Test]
        public void WhatIsChangedWithoutASessionIsSaidTogether()
        {
            var request = _session.Update(new Dictionary<string, object> { { "prompt", "snow" } });
            for (var i = 0; i < 100; i++)
            {
                var changes = new Dictionary<string, object> { { "strength", i * 0.01 }, { "model", "m" + i } };
                Assert.AreEqual(request, _session.Update(changes));
            }
            Open();
            Assert.AreEqual(2, _outbox.Count);
            Assert.AreEqual(MessageType.Settings, Said()); // what may be refused
            Assert.AreEqual("m99", _decoder.Settings.Changes["model"]);
            Hears(new Dictionary<string, object> { { "type", "error" }, { "code", "unknown_model" }, { "request", _decoder.Settings.Request } });
            Said();
            Assert.AreEqual(request, _decoder.Settings.Request);
            Assert.AreEqual("snow", _decoder.Settings.Changes["prompt"]);
            Assert.AreEqual(0.99, _decoder.Settings.Changes["strength"]);
            Hears(new Dictionary<string, object> { { "type", "settings_applied" }, { "request", request }, { "revision", 3 } });
            Open();
            Assert.AreEqual(0, _outbox.Count);
            Assert.IsTrue(_session.Update(new Dictionary<string, object> { { "prompt", "rain" } }) > request);
        }

        [Test]
        public void ALabelIsForgottenAlsoWithoutASession()
        {
            foreach (var name in new object[] { "brick", null })
                _session.Update(new Dictionary<string, object> { { "labels", new Dictionary<string, object> { { "1", name } } } });
            Open();
            Said();
            Assert.IsNull(((Dictionary<string, object>)_decoder.Settings.Changes["labels"])["1"]);
        }

        [Test]
        public void RefusedSettingsAreNotSaidAgain()
        {
            Open();
            var request = _session.Update(new Dictionary<string, object> { { "promt", "snow" } });
            Said();
            Hears(new Dictionary<string, object> { { "type", "error" }, { "code", "invalid_settings" }, { "request", request } });
            Assert.AreEqual(ClientEventKind.Error, _events[_events.Count - 1].Kind);
            Open();
            Assert.AreEqual(0, _outbox.Count);
        }

        [Test]
        public void ItPingsAndLeavesAServerThatSaysNothing()
        {
            Open();
            _session.Tick(SecondNs / 2);
            Assert.AreEqual(0, _outbox.Count);
            _session.Tick(SecondNs);
            Assert.AreEqual(MessageType.Ping, Said());
            _session.BeginFrame(new Frame { Id = 1 }, 0);
            for (var second = 2; second <= 4; second++) _session.Tick(second * SecondNs);
            Assert.AreEqual(SessionState.Closed, _session.State);
            Assert.AreEqual(1L, _session.Stats.Lost);
        }

        [Test]
        public void APauseOfItsOwnIsNoSilenceOfTheServer()
        {
            Open();
            _session.Tick(SecondNs);
            _session.Tick(100 * SecondNs); // as after a breakpoint
            Assert.AreEqual(SessionState.Open, _session.State);
            for (var second = 101; second <= 103; second++) _session.Tick(second * SecondNs);
            Assert.AreEqual(SessionState.Closed, _session.State);
        }

        [Test]
        public void AnUnansweredHelloIsSaidAgain()
        {
            _session.Connect(0);
            Said();
            _session.Tick(2 * SecondNs);
            Assert.AreEqual(MessageType.Hello, Said());
        }

        [Test]
        public void AServerThatNeverAnswersIsLeft()
        {
            _session.Connect(0);
            for (var second = 2; second <= 8; second += 2) _session.Tick(second * SecondNs); // four heartbeats
            Assert.AreEqual(SessionState.Closed, _session.State);
        }

        [Test]
        public void AFatalErrorAndAByeEndTheSession()
        {
            Open();
            Hears(new Dictionary<string, object> { { "type", "error" }, { "code", "unknown_session" }, { "fatal", true } });
            Assert.AreEqual(SessionState.Closed, _session.State);
            Assert.AreEqual("unknown_session", _events[_events.Count - 1].Code);
            Open();
            Hears(new Dictionary<string, object> { { "type", "bye" }, { "reason", "idle" } });
            Assert.AreEqual(SessionState.Closed, _session.State);
            Assert.IsTrue(_events[_events.Count - 1].Message.Contains("idle"));
        }

        [Test]
        public void AServerOfAnotherMajorVersionIsLeft()
        {
            _session.Connect(0);
            Hears(Welcome("2.0"));
            Assert.AreEqual(SessionState.Closed, _session.State);
            Assert.AreEqual(ErrorCodes.UnsupportedProtocol, _events[0].Code);
        }

        [Test]
        public void AnErrorIsNeverAnsweredWithAnErrorAndALaterMessageNeither()
        {
            Open();
            Hears(new Dictionary<string, object> { { "type", "error" }, { "code", "malformed_message" } });
            _session.Complain(new ProtocolException(ErrorCodes.UnknownMessageType, ""));
            Assert.AreEqual(0, _outbox.Count);
            _session.Complain(new ProtocolException(ErrorCodes.MalformedMessage, ""));
            Assert.AreEqual(MessageType.Error, Said());
        }
    }
}
