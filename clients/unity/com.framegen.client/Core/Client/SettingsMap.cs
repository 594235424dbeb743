using System.Collections.Generic;

namespace FrameGen.Client
{
    /// <summary>Settings as the protocol carries them: text keys, plain values.</summary>
    public static class SettingsMap
    {
        /// <summary>
        /// Two updates as one: of "temporal" and "labels" those not named stay, and a label of null is forgotten.
        /// </summary>
        public static Dictionary<string, object> Merged(Dictionary<string, object> settings, Dictionary<string, object> changes)
        {
            var both = new Dictionary<string, object>(settings);
            foreach (var change in changes)
            {
                object old;
                settings.TryGetValue(change.Key, out old);
                var oldMap = old as Dictionary<string, object>;
                var newMap = change.Value as Dictionary<string, object>;
                var isPartial = (change.Key == "temporal" || change.Key == "labels") && oldMap != null && newMap != null;
                both[change.Key] = isPartial ? MergedEntries(oldMap, newMap) : change.Value;
            }
            return both;
        }

        static Dictionary<string, object> MergedEntries(Dictionary<string, object> old, Dictionary<string, object> changes)
        {
            var both = new Dictionary<string, object>(old);
            foreach (var change in changes)
            {
                if (change.Value == null) both.Remove(change.Key);
                else both[change.Key] = change.Value;
            }
            return both;
        }

        /// <summary>What of <paramref name="wanted"/> differs from <paramref name="known"/>; null where nothing does.</summary>
        public static Dictionary<string, object> Difference(Dictionary<string, object> known, Dictionary<string, object> wanted)
        {
            Dictionary<string, object> changes = null;
            foreach (var entry in wanted)
            {
                object old;
                if (known.TryGetValue(entry.Key, out old) && Same(old, entry.Value)) continue;
                changes = changes ?? new Dictionary<string, object>();
                changes[entry.Key] = entry.Value;
            }
            return changes;
        }

        static bool Same(object a, object b)
        {
            var left = a as Dictionary<string, object>;
            var right = b as Dictionary<string, object>;
            if (left == null || right == null) return Equals(a, b);
            return left.Count == right.Count && Difference(left, right) == null;
        }
    }
}
