using System.Diagnostics;

namespace FrameGen.Client
{
    /// <summary>The clock that every time of this client is of: integer nanoseconds that never go back.</summary>
    public static class MonotonicClock
    {
        public static long NowNs
        {
            get
            {
                var ticks = Stopwatch.GetTimestamp();
                // Whole seconds apart from the rest: ticks times a thousand million would not fit.
                return ticks / Stopwatch.Frequency * 1000000000L + ticks % Stopwatch.Frequency * 1000000000L / Stopwatch.Frequency;
            }
        }
    }
}
