using System.Collections.Generic;

namespace FrameGen.Labels
{
    /// <summary>Remembers <see cref="LabelNames.LabelOf"/>: a forest has a thousand trees of one name.</summary>
    public sealed class LabelCache
    {
        const int Most = 4096;

        readonly Dictionary<(string, string, string, string), string> _labels = new Dictionary<(string, string, string, string), string>();

        /// <summary>Names that are remembered.</summary>
        public int Count => _labels.Count;

        public string LabelOf(string material, string own, string mesh, string parent)
        {
            var names = (material, own, mesh, parent);
            string label;
            if (_labels.TryGetValue(names, out label)) return label;
            if (_labels.Count >= Most) _labels.Clear(); // a game that numbers what it spawns
            label = LabelNames.LabelOf(material, own, mesh, parent);
            _labels[names] = label;
            return label;
        }
    }
}
