namespace FrameGen.Client
{
    /// <summary>
    /// How far the server's clock is from ours, from pings and pongs (NTP, RFC 5905 section 8): of the last eight round
    /// trips the shortest counts, since waiting in a queue only ever lengthens one.
    /// </summary>
    public sealed class ClockFilter
    {
        const int Samples = 8, OpenPings = 16;

        readonly long[] _open = new long[OpenPings];
        readonly long[] _offsets = new long[Samples];
        readonly long[] _roundTrips = new long[Samples];
        int _openCount, _count;

        /// <summary>Whether anything is known yet.</summary>
        public bool IsKnown => _count > 0;

        /// <summary>Server's clock minus ours, right to within half of <see cref="RoundTripNs"/>.</summary>
        public long OffsetNs => _offsets[Best];

        public long RoundTripNs => _roundTrips[Best];

        public void Sent(long sentNs) => _open[_openCount++ % OpenPings] = sentNs;

        /// <summary>Takes a pong; one that answers none of our pings is left out.</summary>
        public void Answered(long sentNs, long receivedNs, long repliedNs, long nowNs)
        {
            var index = System.Array.IndexOf(_open, sentNs, 0, System.Math.Min(_openCount, OpenPings));
            if (index < 0) return;
            _open[index] = long.MinValue;
            var roundTripNs = nowNs - sentNs - (repliedNs - receivedNs);
            if (roundTripNs < 0) return;
            _roundTrips[_count % Samples] = roundTripNs;
            _offsets[_count++ % Samples] = (receivedNs - sentNs + (repliedNs - nowNs)) / 2;
        }

        int Best
        {
            get
            {
                var best = 0;
                for (var i = 1; i < System.Math.Min(_count, Samples); i++)
                    if (_roundTrips[i] < _roundTrips[best]) best = i;
                return best;
            }
        }
    }
}
