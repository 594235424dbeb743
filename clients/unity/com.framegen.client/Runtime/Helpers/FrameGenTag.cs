using System.Collections.Generic;
using UnityEngine;

namespace FrameGen
{
    /// <summary>
    /// Says what an object is, for the model: put it on a building, a person, a car. It counts for all renderers below.
    /// </summary>
    [AddComponentMenu("FrameGen/FrameGen Tag")]
    [DisallowMultipleComponent]
    [HelpURL("https://github.com/framegen/framegen")]
    public sealed class FrameGenTag : MonoBehaviour
    {
        /// <summary>Every enabled tag. Kept right by OnEnable and OnDisable, with Domain Reload on or off.</summary>
        public static readonly List<FrameGenTag> All = new List<FrameGenTag>();

        /// <summary>Grows whenever other renderers than before may be under a tag.</summary>
        internal static int Changes { get; private set; }

        [Tooltip("What it is, in a word that prompts may use too: brick, asphalt, grass, glass, person, car, text. Empty: unknown.")]
        [SerializeField] string _label = "";

        [Tooltip("0 keeps the engine's pixels, 1 restyles them as far as the camera's intensity says. People and pickups are often kept.")]
        [Range(0, 1)]
        [SerializeField] float _intensity = 1;

        [Tooltip("Moves on its own. Only needed where its renderers write no motion vectors.")]
        [SerializeField] bool _moves = false;

        Renderer[] _renderers = new Renderer[0];
        int[] _parts = new int[0];

        public string Label { get { return _label; } set { _label = value; } }

        public float Intensity { get { return _intensity; } set { _intensity = Mathf.Clamp01(value); } }

        public bool Moves { get { return _moves; } set { _moves = value; } }

        internal Renderer[] Renderers => _renderers;

        /// <summary>Finds the renderers again; call it after children were added.</summary>
        public void Refresh()
        {
            _renderers = GetComponentsInChildren<Renderer>(true);
            _parts = new int[_renderers.Length];
            for (var i = 0; i < _parts.Length; i++) _parts[i] = Mathf.Max(1, _renderers[i].sharedMaterials.Length);
            Changes++;
        }

        /// <summary>Materials, and so drawn parts, of each of <see cref="Renderers"/>.</summary>
        internal int[] Parts => _parts;

        void OnEnable()
        {
            Refresh();
            All.Add(this);
        }

        void OnDisable()
        {
            All.Remove(this);
            Changes++;
        }

        void OnTransformChildrenChanged() => Refresh();
    }
}
