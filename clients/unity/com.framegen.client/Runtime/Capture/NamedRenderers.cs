using System;
using System.Collections.Generic;
using FrameGen.Labels;
using UnityEngine;
using UnityEngine.Rendering;
using UnityEngine.SceneManagement;

namespace FrameGen
{
    /// <summary>
    /// The meshes that are under no <see cref="FrameGenTag"/> and whose names give them labels. Knows no tags' labels.
    /// </summary>
    /// <remarks>
    /// They are looked for when scenes come and go, and every few seconds for what was spawned; each is read once. Only
    /// meshes: particles, trails and lines are not what they are named after.
    /// </remarks>
    sealed class NamedRenderers : IDisposable
    {
        const float PauseS = 2;

        struct Named
        {
            public Renderer Renderer;
            /// <summary>The label's number of each part, 0 for none.</summary>
            public int[] Numbers;
            public bool IsTagged;
        }

        static readonly Predicate<Renderer> IsGone = renderer => renderer == null;
        static readonly Predicate<Named> IsNothing = named => named.Renderer == null;

        readonly LabelTable _table;
        readonly LabelCache _labels = new LabelCache();
        readonly List<Named> _named = new List<Named>();
        readonly HashSet<Renderer> _read = new HashSet<Renderer>();
        readonly HashSet<Renderer> _tagged = new HashSet<Renderer>();
        readonly List<Material> _materials = new List<Material>();
        int _tagChanges = -1, _cleanAt = 256;
        float _nextScan;
        bool _isDue = true;

        public NamedRenderers(LabelTable table)
        {
            _table = table;
            SceneManager.sceneLoaded += OnSceneLoaded;
            SceneManager.sceneUnloaded += OnSceneUnloaded;
        }

        /// <summary>Whether there is anything to draw.</summary>
        public bool Any => _named.Count > 0;

        /// <summary>Whether a scene has gone since the last look.</summary>
        public bool HasLostScene { get; private set; }

        public void Dispose()
        {
            SceneManager.sceneLoaded -= OnSceneLoaded;
            SceneManager.sceneUnloaded -= OnSceneUnloaded;
        }

        void OnSceneLoaded(Scene scene, LoadSceneMode mode) => _isDue = true;

        void OnSceneUnloaded(Scene scene) => _isDue = HasLostScene = true;

        /// <summary>Looks for renderers where it is time to.</summary>
        /// <param name="isSending">Whether frames are sent: only then what was spawned is looked for.</param>
        public void Update(bool isSending)
        {
            if (_tagChanges != FrameGenTag.Changes) ReadTags();
            var now = Time.realtimeSinceStartup;
            if (!_isDue && !(isSending && now >= _nextScan)) return;
            _isDue = HasLostScene = false;
            _nextScan = now + PauseS;
            Scan();
        }

        /// <summary>Forgets all of them; the next update looks anew.</summary>
        public void Clear()
        {
            _named.Clear();
            _read.Clear();
            _isDue = true;
        }

        public void Draw(CommandBuffer commands, Material material)
        {
            var last = 0;
            foreach (var named in _named)
            {
                if (named.IsTagged || !CameraTags.IsSeen(named.Renderer)) continue;
                for (var part = 0; part < named.Numbers.Length; part++)
                {
                    var number = named.Numbers[part];
                    if (number == 0) continue;
                    if (number != last) commands.SetGlobalVector(ShaderIds.Tag, new Vector4(number / 255f, 1, 0, 1));
                    last = number;
                    commands.DrawRenderer(named.Renderer, material, part, 0);
                }
            }
        }

        void ReadTags()
        {
            _tagChanges = FrameGenTag.Changes;
            _tagged.Clear();
            foreach (var tag in FrameGenTag.All) _tagged.UnionWith(tag.Renderers);
            for (var i = 0; i < _named.Count; i++)
            {
                var named = _named[i];
                named.IsTagged = _tagged.Contains(named.Renderer);
                _named[i] = named;
            }
        }

        void Scan()
        {
            _named.RemoveAll(IsNothing);
            foreach (var renderer in Found())
            {
                if (!(renderer is MeshRenderer) && !(renderer is SkinnedMeshRenderer)) continue;
                if (_tagged.Contains(renderer) || !_read.Add(renderer)) continue;
                var tag = TagAbove(renderer);
                if (tag == null) Read(renderer);
                else Adopt(renderer, tag);
            }
            if (_read.Count < _cleanAt) return;
            _read.RemoveWhere(IsGone);
            _cleanAt = 2 * _read.Count + 256;
        }

        static Renderer[] Found()
        {
#if UNITY_6000_4_OR_NEWER
            return UnityEngine.Object.FindObjectsByType<Renderer>();
#else
            return UnityEngine.Object.FindObjectsByType<Renderer>(FindObjectsSortMode.None);
#endif
        }

        static FrameGenTag TagAbove(Renderer renderer)
        {
            if (FrameGenTag.All.Count == 0) return null;
            for (var thing = renderer.transform; thing != null; thing = thing.parent)
            {
                FrameGenTag tag;
                if (thing.TryGetComponent(out tag) && tag.isActiveAndEnabled) return tag;
            }
            return null;
        }

        // It was spawned deep below a tag, which does not know of it yet.
        void Adopt(Renderer renderer, FrameGenTag tag)
        {
            tag.Refresh();
            _read.Remove(renderer); // should the tag go, its name counts
            _tagged.UnionWith(tag.Renderers);
        }

        void Read(Renderer renderer)
        {
            FrameGenPromptVolume volume;
            if (renderer.TryGetComponent(out volume)) return;
            renderer.GetSharedMaterials(_materials);
            var mesh = MeshOf(renderer);
            var count = mesh == null ? _materials.Count : Mathf.Min(_materials.Count, mesh.subMeshCount);
            var own = Without(renderer.name, "(Clone)");
            // The mesh of a static batch is many things' ("Combined Mesh (root: scene)").
            var form = mesh == null || renderer.isPartOfStaticBatch ? "" : Without(mesh.name, " Instance");
            var parent = renderer.transform.parent;
            var whole = parent == null || parent.parent == null ? "" : Without(parent.name, "(Clone)");
            int[] numbers = null;
            for (var part = 0; part < count; part++)
            {
                var material = _materials[part] == null ? "" : Without(_materials[part].name, " (Instance)");
                var number = _table.Add(_labels.LabelOf(material, own, form, whole), LabelTable.MostByName);
                if (number == 0) continue;
                if (numbers == null) numbers = new int[count];
                numbers[part] = number;
            }
            _materials.Clear(); // else they could not be unloaded
            if (numbers != null) _named.Add(new Named { Renderer = renderer, Numbers = numbers });
        }

        static Mesh MeshOf(Renderer renderer)
        {
            var skinned = renderer as SkinnedMeshRenderer;
            if (skinned != null) return skinned.sharedMesh;
            MeshFilter filter;
            return renderer.TryGetComponent(out filter) ? filter.sharedMesh : null;
        }

        // What the engine itself puts behind a name.
        static string Without(string name, string ending)
        {
            while (name.EndsWith(ending, StringComparison.Ordinal)) name = name.Substring(0, name.Length - ending.Length);
            return name;
        }
    }
}
