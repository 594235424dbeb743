using System;
using System.Collections.Generic;
using FrameGen.Client;
using FrameGen.Protocol;
using FrameGen.Zmtp;
using NUnit.Framework;

namespace FrameGen.Tests
{
    public sealed class SmallPartsTests
    {
        [TestCase("tcp://127.0.0.1:5555", "127.0.0.1", 5555)]
        [TestCase(" localhost:80 ", "localhost", 80)]
        [TestCase("tcp://[::1]:7", "::1", 7)]
        public void AnAddressIsRead(string text, string host, int port)
        {
            var options = ZmtpOptions.Parse(text);
            Assert.AreEqual(host, options.Host);
            Assert.AreEqual(port, options.Port);
        }

        [TestCase("")]
        [TestCase(null)]
        [TestCase("tcp://127.0.0.1")]
        [TestCase("tcp://127.0.0.1:0")]
        [TestCase("tcp://127.0.0.1:65536")]
        [TestCase("http://127.0.0.1:80")]
        [TestCase("tcp://:5555")]
        public void WhatIsNoAddressIsRefused(string text)
        {
            Assert.Throws<FormatException>(() => ZmtpOptions.Parse(text));
        }

        [Test]
        public void TheClockTakesTheShortestRoundTrip()
        {
            var clock = new ClockFilter();
            Assert.IsFalse(clock.IsKnown);
            clock.Sent(1000);
            clock.Answered(1000, 500150, 500160, 1210);
            Assert.AreEqual(200L, clock.RoundTripNs);
            Assert.AreEqual(499050L, clock.OffsetNs);
            clock.Sent(2000);
            clock.Answered(2000, 501000, 501000, 2900); // slower: not believed
            Assert.AreEqual(200L, clock.RoundTripNs);
            clock.Answered(3000, 0, 0, 3001); // answers none of our pings
            Assert.AreEqual(200L, clock.RoundTripNs);
        }

        [Test]
        public void TheMonotonicClockCountsNanoseconds()
        {
            var before = MonotonicClock.NowNs;
            System.Threading.Thread.Sleep(20);
            var passed = MonotonicClock.NowNs - before;
            Assert.IsTrue(passed > 15000000 && passed < 60000000000, passed.ToString());
        }

        [Test]
        public void UpdatesMergeAsTheServerMergesThem()
        {
            var labels = new Dictionary<string, object> { { "1", "brick" }, { "2", "grass" } };
            var settings = new Dictionary<string, object> { { "prompt", "a" }, { "labels", labels } };
            var changes = new Dictionary<string, object> { { "prompt", "b" }, { "labels", new Dictionary<string, object> { { "2", null }, { "3", "glass" } } } };
            var both = SettingsMap.Merged(settings, changes);
            Assert.AreEqual("b", both["prompt"]);
            Assert.AreEqual(new[] { "1", "3" }, ((Dictionary<string, object>)both["labels"]).Keys);
            Assert.AreEqual(2, labels.Count, "the old map stays as it was");
        }

        [Test]
        public void OnlyDifferencesAreSaid()
        {
            var known = new Dictionary<string, object> { { "prompt", "a" }, { "seed", 1 }, { "temporal", new Dictionary<string, object> { { "reuse", true } } } };
            Assert.IsNull(SettingsMap.Difference(known, new Dictionary<string, object>(known)));
            var wanted = new Dictionary<string, object>(known) { ["seed"] = 2 };
            Assert.AreEqual(new[] { "seed" }, SettingsMap.Difference(known, wanted).Keys);
            wanted["temporal"] = new Dictionary<string, object> { { "reuse", false } };
            Assert.AreEqual(2, SettingsMap.Difference(known, wanted).Count);
        }

        [Test]
        public void AMatrixWithoutAnInverseIsFound()
        {
            var matrix = new double[16];
            Assert.IsFalse(CameraRules.IsInvertible(matrix));
            for (var i = 0; i < 4; i++) matrix[5 * i] = i == 3 ? 1 : 1e-7; // small, but fine: a city seen from above
            Assert.IsTrue(CameraRules.IsInvertible(matrix));
            matrix[0] = double.NaN;
            Assert.IsFalse(CameraRules.IsInvertible(matrix));
        }

        [Test]
        public void ACameraByColumnsIsRefusedBeforeItIsSent()
        {
            var frame = new Frame { Id = 1, Width = 1, Height = 1, HasCamera = true, NearM = 0.1, FarM = 100 };
            frame.Add(PlaneName.Color, PlaneFormat.Rgba8, new byte[4], 0);
            for (var i = 0; i < 4; i++) frame.ViewFromWorld[5 * i] = 1;
            frame.ClipFromView[0] = frame.ClipFromView[5] = 1;
            frame.ClipFromView[10] = frame.ClipFromView[11] = frame.ClipFromView[14] = -1;
            frame.ViewFromWorld[3] = 1e12; // far, but fine
            new Encoder().Frame(frame, new Limits());
            frame.ViewFromWorld[3] = 0;
            frame.ViewFromWorld[12] = 5;
            var refusal = Assert.Throws<ProtocolException>(() => new Encoder().Frame(frame, new Limits()));
            Assert.AreEqual(ErrorCodes.InvalidFrame, refusal.Code);
            Assert.IsTrue(refusal.Hint.Contains("transpose"), refusal.Hint);
        }

        [Test]
        public void PicturesAreWidened()
        {
            var result = new Result { Width = 2, Height = 1 };
            result.Image = new Plane { Bytes = new ArraySegment<byte>(new byte[] { 9, 1, 2, 3, 4, 5, 6 }, 1, 6) };
            result.Widen();
            Assert.IsTrue(result.HasRgba);
            Assert.AreEqual(new byte[] { 1, 2, 3, 255, 4, 5, 6, 255 }, result.Rgba);
        }
    }
}
