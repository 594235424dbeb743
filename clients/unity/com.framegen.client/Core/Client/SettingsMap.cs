using System.Collections.Generic;

namespace FrameGen.Client
{
    /// <summary>Settings as the protocol carries them: text keys, plain values.</summary>
    public static class SettingsMap
    {
        const int MaxPromptChars = 2000;

        /// <summary>What holds after an update: of "temporal" and "labels" those not named stay, and a label of null is forgotten.</summary>
        public static Dictionary<string, object> Merged(Dictionary<string, object> settings, Dictionary<string, object> changes)
            => Both(settings, changes, true);

        /// <summary>Two updates as one, which says what both say one after the other.</summary>
        public static Dictionary<string, object> Joined(Dictionary<string, object> first, Dictionary<string, object> second)
            => Both(first, second, false);

        /// <summary>
        /// One update for each setting that a server may refuse; what none refuses comes into <paramref name="safe"/>.
        /// An update that is refused changes nothing at all.
        /// </summary>
        public static List<Dictionary<string, object>> Refusable(Dictionary<string, object> changes, Dictionary<string, object> safe)
        {
            var parts = new List<Dictionary<string, object>>();
            foreach (var change in changes)
            {
                if (IsSafe(change.Key, change.Value)) safe[change.Key] = change.Value;
                else parts.Add(new Dictionary<string, object> { { change.Key, change.Value } });
            }
            return parts;
        }

        // What a server offers and allows (models, codecs, sizes) is its own affair.
        static bool IsSafe(string setting, object value)
        {
            switch (setting)
            {
                case "prompt":
                case "negative_prompt": return IsText(value);
                case "model": return Equals(value, "");
                case "intensity":
                case "strength": return IsShare(value);
                case "seed": return value is long && (long)value >= 0 && (long)value <= uint.MaxValue;
                case "sun": return Equals(value, "auto") || Equals(value, "light") || Equals(value, "prompt");
                case "output_codec": return Equals(value, "raw");
                case "color_grid": return value is bool;
                case "labels": return IsLabels(value as Dictionary<string, object>);
                default: return false;
            }
        }

        static bool IsText(object value)
        {
            var text = value as string;
            return text != null && text.Length <= MaxPromptChars;
        }

        static bool IsShare(object value)
        {
            var share = value is float ? (float)value : value is double ? (double)value : -1;
            return share >= 0 && share <= 1;
        }

        static bool IsLabels(Dictionary<string, object> labels)
        {
            if (labels == null) return false;
            foreach (var label in labels.Values)
            {
                var entries = label as Dictionary<string, object>;
                if (entries == null)
                {
                    if (label != null && !IsText(label)) return false;
                    continue;
                }
                foreach (var entry in entries)
                {
                    var isText = entry.Key == "name" || entry.Key == "words";
                    if (isText ? !IsText(entry.Value) : entry.Key != "intensity" || !IsShare(entry.Value)) return false;
                }
            }
            return true;
        }

        static Dictionary<string, object> Both(Dictionary<string, object> settings, Dictionary<string, object> changes, bool forgets)
        {
            var both = new Dictionary<string, object>(settings);
            foreach (var change in changes)
            {
                object old;
                settings.TryGetValue(change.Key, out old);
                var oldMap = old as Dictionary<string, object>;
                var newMap = change.Value as Dictionary<string, object>;
                var isPartial = (change.Key == "temporal" || change.Key == "labels") && oldMap != null && newMap != null;
                both[change.Key] = isPartial ? BothEntries(oldMap, newMap, forgets) : change.Value;
            }
            return both;
        }

        static Dictionary<string, object> BothEntries(Dictionary<string, object> old, Dictionary<string, object> changes, bool forgets)
        {
            var both = new Dictionary<string, object>(old);
            foreach (var change in changes)
            {
                if (forgets && change.Value == null) both.Remove(change.Key);
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
