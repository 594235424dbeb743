using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;
using FrameGen.Client;
using FrameGen.Protocol;

/// <summary>
/// One frame after the other to a server, as a game would send them: what a frame costs the thread that sends and
/// takes, how long its round trip is, and how often the garbage collector ran.
/// Words: steady ADDRESS FRAMES WIDTH HEIGHT [widen] [sleep]; sleep: look for results every millisecond, not all the time.
/// </summary>
static class SteadyState
{
    static readonly Dictionary<string, object> Facts = new Dictionary<string, object>();

    static string _lastError = "";
    static bool _sleeps;

    public static int Run(string[] words)
    {
        int frames = int.Parse(words[2]), warmup = Math.Min(200, frames / 2), width = int.Parse(words[3]), height = int.Parse(words[4]);
        var widen = Array.IndexOf(words, "widen") > 0;
        _sleeps = Array.IndexOf(words, "sleep") > 0;
        var roundTripsNs = new long[frames];
        var ownNs = new long[frames];
        using (var client = new FrameGenClient(new ClientOptions { Address = words[1], MaxInFlight = 2, WidenToRgba = widen }))
        {
            while (!client.IsOpen) Thread.Sleep(5);
            var pool = new FramePool(width, height);
            for (var i = 0; i < warmup; i++) Exchange(client, pool, (ulong)i + 1, ref roundTripsNs[0], ref ownNs[0]);
            GC.Collect();
            var collections = GC.CollectionCount(0) + GC.CollectionCount(1);
            var whole = Stopwatch.StartNew();
            for (var i = 0; i < frames; i++)
            {
                if (Exchange(client, pool, (ulong)(warmup + i + 1), ref roundTripsNs[i], ref ownNs[i])) continue;
                Console.Error.WriteLine("No answer to frame " + i + ": " + _lastError);
                return 1;
            }
            Facts["seconds"] = whole.Elapsed.TotalSeconds;
            Facts["collections"] = GC.CollectionCount(0) + GC.CollectionCount(1) - collections;
            var stats = client.Stats;
            Facts["answered"] = stats.Answered;
            Facts["lost"] = stats.Lost;
            Facts["superseded"] = stats.Superseded;
        }
        Percentiles("round_trip_ms", roundTripsNs);
        Percentiles("main_thread_ms", ownNs);
        Console.WriteLine(Json.Of(Facts));
        return 0;
    }

    // Everything of this but the wait is what an engine's main thread spends on the core per frame.
    static bool Exchange(FrameGenClient client, FramePool pool, ulong id, ref long roundTripNs, ref long ownNs)
    {
        var before = MonotonicClock.NowNs;
        client.Offer(pool.Next(id));
        ownNs = MonotonicClock.NowNs - before;
        var patience = before + 60000000000L;
        while (true)
        {
            before = MonotonicClock.NowNs;
            var result = client.TakeResult();
            if (result != null)
            {
                var right = result.FrameId == id;
                roundTripNs = result.RoundTripNs;
                client.Recycle(result);
                if (HeardBadNews(client)) return false;
                ownNs += MonotonicClock.NowNs - before;
                return right;
            }
            if (HeardBadNews(client) || before > patience) return false;
            if (_sleeps) Thread.Sleep(1);
            else Thread.Yield();
        }
    }

    static bool HeardBadNews(FrameGenClient client)
    {
        for (var happened = client.TakeEvent(); happened != null; happened = client.TakeEvent())
        {
            if (happened.Kind != ClientEventKind.Error && happened.Kind != ClientEventKind.Lost) continue;
            _lastError = happened.Code + " " + happened.Message;
            return true;
        }
        return false;
    }

    static void Percentiles(string name, long[] valuesNs)
    {
        Array.Sort(valuesNs);
        Facts[name] = new Dictionary<string, object>
        {
            { "p50", valuesNs[valuesNs.Length / 2] / 1e6 }, { "p95", valuesNs[valuesNs.Length * 95 / 100] / 1e6 },
            { "max", valuesNs[valuesNs.Length - 1] / 1e6 }
        };
    }
}

/// <summary>A few frames of one size that are filled again and again.</summary>
sealed class FramePool
{
    readonly Frame[] _frames = new Frame[4];
    readonly byte[][] _pixels = new byte[4][];
    readonly int _width, _height;

    public FramePool(int width, int height)
    {
        _width = width;
        _height = height;
        for (var i = 0; i < _frames.Length; i++)
        {
            _frames[i] = new Frame();
            _pixels[i] = new byte[width * height * 3];
        }
    }

    public Frame Next(ulong id)
    {
        var frame = _frames[id % 4];
        frame.Clear();
        frame.Id = id;
        frame.TimestampNs = MonotonicClock.NowNs;
        frame.Width = _width;
        frame.Height = _height;
        frame.HasCamera = true;
        frame.NearM = 0.1;
        frame.FarM = double.PositiveInfinity;
        for (var i = 0; i < 4; i++) frame.ViewFromWorld[5 * i] = frame.ClipFromView[5 * i] = 1;
        _pixels[id % 4][0] = (byte)id;
        frame.Add(PlaneName.Color, PlaneFormat.Rgb8, _pixels[id % 4], 0);
        return frame;
    }
}
