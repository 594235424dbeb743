using System.Collections.Generic;
using FrameGen.Client;

namespace FrameGen
{
    /// <summary>What the inspector shows while the game runs. Filled again every frame.</summary>
    public sealed class FrameGenStatus
    {
        static readonly string[] None = new string[0];

        /// <summary>Whether a session is open.</summary>
        public bool IsConnected { get; internal set; }

        /// <summary>Why there is no session, or no picture; empty while all is well.</summary>
        public string Complaint { get; private set; } = "";

        /// <summary>Name and version of the server.</summary>
        public string Server { get; internal set; } = "";

        public string Model { get; internal set; } = "";

        /// <summary>Size of the frames that are sent, pixels.</summary>
        public int Width { get; internal set; }

        public int Height { get; internal set; }

        /// <summary>Results a second, over about the last second.</summary>
        public float ResultsPerSecond { get; internal set; }

        /// <summary>From rendering a frame to having its result on the main thread, of the last result.</summary>
        public float LatencyMs { get; internal set; }

        /// <summary>Of that, between handing the frame to the network and having the answer.</summary>
        public float RoundTripMs { get; internal set; }

        /// <summary>Of that, in the network of the model, the last time that it ran.</summary>
        public float ModelMs { get; internal set; }

        /// <summary>Whether the last result's frame still had its textures, so that it could be reprojected.</summary>
        public bool IsReprojected { get; internal set; }

        public ClientStats Counts { get; internal set; }

        /// <summary>Words of the prompt that the model knows, and those it does not.</summary>
        public IReadOnlyList<string> Understood { get; internal set; } = None;

        public IReadOnlyList<string> Ignored { get; internal set; } = None;

        const long ComplaintNs = 5000000000;
        const float ToleratedMs = 250, MaxAllowedMs = 3000;

        float _intervalMs; // usual time from one result to the next; 0 after a pause
        long _windowStartNs, _complainedNs, _lastResultNs;
        int _windowResults;

        internal void Complain(string message)
        {
            Complaint = message;
            _complainedNs = MonotonicClock.NowNs;
        }

        /// <summary>
        /// Milliseconds without a result, less what a slow server may take: nothing at six results a second or more, else
        /// half an interval beyond the usual one. So a picture a second does not pulse, and a server that falls silent
        /// is seen.
        /// </summary>
        internal float OverdueMs(long nowNs)
        {
            var allowedMs = System.Math.Min(System.Math.Max(1.5f * _intervalMs - ToleratedMs, 0), MaxAllowedMs);
            return (nowNs - _lastResultNs) * 1e-6f - allowedMs;
        }

        internal void CountResult(long nowNs)
        {
            var passedMs = (nowNs - _lastResultNs) * 1e-6f;
            _intervalMs = passedMs < MaxAllowedMs ? 0.8f * _intervalMs + 0.2f * passedMs : 0;
            _lastResultNs = nowNs;
            if (nowNs - _complainedNs > ComplaintNs) Complaint = ""; // there are results again
            _windowResults++;
            var passedNs = nowNs - _windowStartNs;
            if (passedNs < 1000000000) return;
            // After a pause the window is as long as the pause: the rate begins anew.
            ResultsPerSecond = passedNs < 5000000000 ? _windowResults * 1e9f / passedNs : 0;
            _windowStartNs = nowNs;
            _windowResults = 0;
        }
    }
}
