namespace FrameGen.Client
{
    /// <summary>Frames sent and not answered yet, oldest first. Holds at most <see cref="Capacity"/>.</summary>
    sealed class InFlight
    {
        public const int Capacity = 32;

        readonly ulong[] _ids = new ulong[Capacity];
        readonly long[] _sentNs = new long[Capacity];

        public int Count { get; private set; }

        public void Add(ulong id, long sentNs)
        {
            if (Count == Capacity) RemoveFirst(1); // an answer was lost long ago
            _ids[Count] = id;
            _sentNs[Count++] = sentNs;
        }

        /// <summary>Takes a frame out; false where it is not in flight.</summary>
        public bool Remove(ulong id, out long sentNs)
        {
            var index = System.Array.IndexOf(_ids, id, 0, Count);
            sentNs = index < 0 ? 0 : _sentNs[index];
            if (index < 0) return false;
            Count--;
            System.Array.Copy(_ids, index + 1, _ids, index, Count - index);
            System.Array.Copy(_sentNs, index + 1, _sentNs, index, Count - index);
            return true;
        }

        /// <summary>Takes out what is older than <paramref name="id"/>: the server answers in order. Returns how many.</summary>
        public int RemoveOlder(ulong id)
        {
            var older = 0;
            while (older < Count && _ids[older] < id) older++;
            RemoveFirst(older);
            return older;
        }

        public int Clear()
        {
            var count = Count;
            Count = 0;
            return count;
        }

        void RemoveFirst(int count)
        {
            Count -= count;
            System.Array.Copy(_ids, count, _ids, 0, Count);
            System.Array.Copy(_sentNs, count, _sentNs, 0, Count);
        }
    }
}
