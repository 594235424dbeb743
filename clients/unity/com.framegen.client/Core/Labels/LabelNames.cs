using System.Collections.Generic;
using System.Text;

namespace FrameGen.Labels
{
    /// <summary>
    /// A label for a thing from the names that the engine has for it, as the protocol says ("Labels from names" in
    /// CONVENTIONS.md). So a game has labels before anybody tagged anything.
    /// </summary>
    public static class LabelNames
    {
        /// <summary>Characters of a label.</summary>
        public const int Most = 64;

        const string Adjective = "light"; // a lamp only where a name ends with it: "light blue" is none
        static readonly string[] Endings = { "es", "s" };
        static readonly HashSet<string> Known = new HashSet<string>(LabelWords.All);
        static readonly HashSet<string> Vague = new HashSet<string>(LabelWords.Vague);

        /// <summary>The label of a thing, empty where its names say nothing.</summary>
        /// <param name="names">What says most first: the material's, the thing's own, its mesh's, that of what it is a part of.</param>
        public static string LabelOf(params string[] names)
        {
            var found = new List<string>();
            foreach (var name in names)
            {
                var said = Said(name);
                if (said != "" && !found.Contains(said)) found.Add(said);
            }
            var label = "";
            foreach (var said in found)
            {
                var longer = label == "" ? said : label + ", " + said;
                if (longer.Length <= Most) label = longer;
            }
            return label;
        }

        // The known words of a name; empty where there are none but vague ones.
        static string Said(string name)
        {
            var words = Words(name);
            var said = "";
            var says = false;
            for (var i = 0; i < words.Count; i++)
            {
                var singular = Singular(words[i]);
                if (singular == "" || words[i] == Adjective && i < words.Count - 1) continue;
                said += said == "" ? words[i] : " " + words[i];
                says |= !Vague.Contains(singular);
            }
            return says ? said : "";
        }

        // In lower case. A name is cut before a capital that follows a small letter (windowLeft), before the last of
        // several capitals that a small letter follows (SMBrick), and at all that is no letter from A to Z.
        static List<string> Words(string name)
        {
            var words = new List<string>();
            var word = new StringBuilder();
            for (var i = 0; name != null && i < name.Length; i++)
            {
                if (!IsSmall(name, i) && !IsCapital(name, i))
                {
                    Close(word, words);
                    continue;
                }
                if (IsCapital(name, i) && (IsSmall(name, i - 1) || IsCapital(name, i - 1) && IsSmall(name, i + 1))) Close(word, words);
                word.Append((char)(name[i] | 0x20)); // lower case
            }
            Close(word, words);
            return words;
        }

        static void Close(StringBuilder word, List<string> words)
        {
            if (word.Length > 0) words.Add(word.ToString());
            word.Length = 0;
        }

        static bool IsSmall(string name, int i) => i >= 0 && i < name.Length && name[i] >= 'a' && name[i] <= 'z';

        static bool IsCapital(string name, int i) => i >= 0 && i < name.Length && name[i] >= 'A' && name[i] <= 'Z';

        static string Singular(string word)
        {
            if (Known.Contains(word)) return word;
            foreach (var ending in Endings)
            {
                if (!word.EndsWith(ending, System.StringComparison.Ordinal)) continue;
                var stem = word.Substring(0, word.Length - ending.Length);
                if (Known.Contains(stem)) return stem;
            }
            return "";
        }
    }
}
