using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;
using FrameGen.Client;
using FrameGen.Protocol;

/// <summary>
/// A client that a test drives by lines on stdin and hears by lines of JSON on stdout:
/// open ADDRESS [TOKEN] · send ID WIDTH HEIGHT VALUE · prompt TEXT · set KEY NUMBER · forget · stats · clock · close.
/// </summary>
static class Driver
{
    static FrameGenClient _client;
    static int _released;

    public static int Run()
    {
        var lines = new ConcurrentQueue<string>();
        var reader = new Thread(() => ReadLines(lines)) { IsBackground = true };
        reader.Start();
        while (true)
        {
            string line;
            while (lines.TryDequeue(out line))
            {
                if (line == null) return 0;
                Obey(line.Split(' '));
            }
            Report();
            Thread.Sleep(1);
        }
    }

    static void ReadLines(ConcurrentQueue<string> lines)
    {
        string line;
        while ((line = Console.In.ReadLine()) != null) lines.Enqueue(line);
        lines.Enqueue(null);
    }

    static void Obey(string[] words)
    {
        switch (words[0])
        {
            case "open":
                _client = new FrameGenClient(new ClientOptions
                {
                    Address = words[1], Token = words.Length > 2 ? words[2] : "", WidenToRgba = true, MaxInFlight = 4
                });
                break;
            case "open-with-model":
                var settings = new Dictionary<string, object> { { "prompt", "snow" }, { "model", words[2] } };
                _client = new FrameGenClient(new ClientOptions { Address = words[1], Settings = settings, WidenToRgba = true });
                break;
            case "send": Send(words); break;
            case "prompt": Say("request", _client.Update(new Dictionary<string, object> { { "prompt", string.Join(" ", words, 1, words.Length - 1) } })); break;
            case "set": Say("request", _client.Update(new Dictionary<string, object> { { words[1], double.Parse(words[2]) } })); break;
            case "forget": _client.Reset(); break;
            case "stats": Stats(); break;
            case "clock":
                long offsetNs, roundTripNs;
                Say("clock", _client.TryGetClock(out offsetNs, out roundTripNs) ? roundTripNs : -1);
                break;
            case "close":
                var watch = Stopwatch.StartNew();
                _client.Dispose();
                Say("closed_ms", watch.Elapsed.TotalMilliseconds, "released", _released, "threads", Process.GetCurrentProcess().Threads.Count);
                break;
        }
    }

    static void Send(string[] words)
    {
        int width = int.Parse(words[2]), height = int.Parse(words[3]);
        var value = byte.Parse(words[4]);
        var pixels = new byte[width * height * 3];
        for (var i = 0; i < pixels.Length; i++) pixels[i] = value;
        var frame = new Frame { Id = ulong.Parse(words[1]), Width = width, Height = height, TimestampNs = MonotonicClock.NowNs };
        frame.Released = f => Interlocked.Increment(ref _released);
        frame.Add(PlaneName.Color, PlaneFormat.Rgb8, pixels, 0);
        var watch = Stopwatch.StartNew();
        _client.Offer(frame);
        if (watch.ElapsedMilliseconds > 1000) Say("slow_offer_ms", watch.ElapsedMilliseconds);
    }

    static void Report()
    {
        if (_client == null) return;
        for (var happened = _client.TakeEvent(); happened != null; happened = _client.TakeEvent())
            Say("event", happened.Kind.ToString(), "code", happened.Code, "message", happened.Message, "request", happened.Request,
                "frame_id", happened.FrameId, "revision", happened.Applied == null ? null : (object)happened.Applied.Revision);
        var result = _client.TakeResult();
        if (result == null) return;
        Say("result", result.FrameId, "width", result.Width, "height", result.Height, "value", result.Image.Bytes.Array[result.Image.Bytes.Offset],
            "rgba", new object[] { result.Rgba[0], result.Rgba[1], result.Rgba[2], result.Rgba[3] }, "revision", result.SettingsRevision,
            "model", result.Model, "round_trip_ns", result.RoundTripNs);
        _client.Recycle(result);
    }

    static void Stats()
    {
        var stats = _client.Stats;
        Say("sent", stats.Sent, "answered", stats.Answered, "superseded", stats.Superseded, "replaced", stats.Replaced, "lost", stats.Lost,
            "failed", stats.Failed, "connections", stats.Connections, "released", _released, "open", _client.IsOpen, "complaint", _client.Complaint);
    }

    static void Say(params object[] pairs)
    {
        var facts = new Dictionary<string, object>();
        for (var i = 0; i < pairs.Length; i += 2) facts[(string)pairs[i]] = pairs[i + 1];
        Console.WriteLine(Json.Of(facts));
        Console.Out.Flush();
    }
}
