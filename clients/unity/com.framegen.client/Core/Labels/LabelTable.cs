using System.Collections.Generic;

namespace FrameGen.Labels
{
    /// <summary>Numbers for labels: each is given once and stays until all are given anew.</summary>
    public sealed class LabelTable
    {
        /// <summary>Numbers that there are.</summary>
        public const int Most = 255;

        /// <summary>Up to here labels come from names: those that somebody wrote still find a number then.</summary>
        public const int MostByName = 200;

        readonly Dictionary<string, int> _numbers = new Dictionary<string, int>();
        Dictionary<string, object> _settings = new Dictionary<string, object>();
        bool _isChanged;

        /// <summary>Whether a label that comes from names gets no number any more.</summary>
        public bool IsFull => _numbers.Count >= MostByName;

        /// <summary>The setting "labels": a new object whenever it has changed.</summary>
        public Dictionary<string, object> Settings
        {
            get
            {
                if (!_isChanged) return _settings;
                _isChanged = false;
                _settings = new Dictionary<string, object>();
                foreach (var entry in _numbers) _settings[entry.Value.ToString(System.Globalization.CultureInfo.InvariantCulture)] = entry.Key;
                return _settings;
            }
        }

        /// <summary>The number of a label; 0 where it is empty or has none.</summary>
        public int NumberOf(string label)
        {
            int number;
            return !string.IsNullOrEmpty(label) && _numbers.TryGetValue(label, out number) ? number : 0;
        }

        /// <summary>The number of a label, a new one where it has none and fewer than <paramref name="most"/> are given; else 0.</summary>
        public int Add(string label, int most)
        {
            var number = NumberOf(label);
            if (number > 0 || string.IsNullOrEmpty(label) || _numbers.Count >= most) return number;
            _isChanged = true;
            return _numbers[label] = _numbers.Count + 1;
        }

        /// <summary>Takes all numbers back.</summary>
        public void Clear()
        {
            _numbers.Clear();
            _isChanged = true;
        }
    }
}
