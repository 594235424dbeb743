using System.Collections.Generic;
using UnityEngine;

namespace FrameGen
{
    /// <summary>
    /// A box in which another look holds: a cellar, a market, a forest. The camera's own look holds outside. Of boxes
    /// that overlap the one with the highest priority wins. The box is this object's transform, one unit to a side.
    /// </summary>
    [AddComponentMenu("FrameGen/FrameGen Prompt Volume")]
    [HelpURL("https://github.com/framegen/framegen")]
    public sealed class FrameGenPromptVolume : MonoBehaviour
    {
        /// <summary>Every enabled volume.</summary>
        public static readonly List<FrameGenPromptVolume> All = new List<FrameGenPromptVolume>();

        [Tooltip("The look that holds inside. Empty: only the prompt below is exchanged.")]
        [SerializeField] FrameGenLook _look = null;

        [Tooltip("The prompt that holds inside where no look is given.")]
        [TextArea(2, 6)]
        [SerializeField] string _prompt = "";

        [Tooltip("Of volumes that overlap the highest wins.")]
        [SerializeField] int _priority = 0;

        public FrameGenLook Look { get { return _look; } set { _look = value; } }

        public string Prompt { get { return _prompt; } set { _prompt = value; } }

        public int Priority { get { return _priority; } set { _priority = value; } }

        /// <summary>The volume that rules at a place of the world, or null.</summary>
        public static FrameGenPromptVolume At(Vector3 position)
        {
            FrameGenPromptVolume ruling = null;
            foreach (var volume in All)
                if (volume.Contains(position) && (ruling == null || volume._priority > ruling._priority)) ruling = volume;
            return ruling;
        }

        public bool Contains(Vector3 position)
        {
            var inside = transform.InverseTransformPoint(position);
            return Mathf.Abs(inside.x) <= 0.5f && Mathf.Abs(inside.y) <= 0.5f && Mathf.Abs(inside.z) <= 0.5f;
        }

        void OnEnable() => All.Add(this);

        void OnDisable() => All.Remove(this);

        void OnDrawGizmos()
        {
            Gizmos.matrix = transform.localToWorldMatrix;
            Gizmos.color = new Color(0.3f, 0.7f, 1, 0.6f);
            Gizmos.DrawWireCube(Vector3.zero, Vector3.one);
        }
    }
}
