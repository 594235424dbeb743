using System.Collections.Generic;
using UnityEngine;
using UnityEngine.Rendering;

namespace FrameGen
{
    /// <summary>
    /// What carries a <see cref="FrameGenTag"/>: numbers for the labels' names, and the commands that draw the planes.
    /// </summary>
    sealed class CameraTags
    {
        readonly Dictionary<string, int> _labels = new Dictionary<string, int>();

        /// <summary>Whether there is anything to draw.</summary>
        public static bool Any => FrameGenTag.All.Count > 0;

        /// <summary>The setting "labels": a new object whenever it has grown.</summary>
        public Dictionary<string, object> Table { get; private set; } = new Dictionary<string, object>();

        /// <summary>Gives numbers to labels that are new.</summary>
        public void Update()
        {
            var before = _labels.Count;
            foreach (var tag in FrameGenTag.All)
                if (!string.IsNullOrEmpty(tag.Label) && !_labels.ContainsKey(tag.Label) && _labels.Count < 255) _labels[tag.Label] = _labels.Count + 1;
            if (_labels.Count == before) return;
            Table = new Dictionary<string, object>();
            foreach (var entry in _labels) Table[entry.Value.ToString()] = entry.Key;
        }

        public void Draw(CommandBuffer commands, Material material, CaptureSlot slot, Camera camera)
        {
            commands.SetRenderTarget(slot.Tags);
            commands.ClearRenderTarget(false, true, new Color(0, 1, 0, 0)); // unknown, restyled fully, stands still
            // Unity's own view and projection of the moment, in metres as the depth is.
            var view = Matrix4x4.Scale(Vector3.one * (float)slot.Pose.MetresPerUnit) * camera.worldToCameraMatrix;
            view[2, 3] -= (float)slot.Pose.StepM;
            commands.SetGlobalMatrix(ShaderIds.View, view);
            var clip = CameraPose.FromRows(slot.Pose.ClipFromView);
            if (!SystemInfo.graphicsUVStartsAtTop) clip.SetRow(1, -clip.GetRow(1)); // texel row 0 is the top of the picture
            commands.SetGlobalMatrix(ShaderIds.TagClip, clip);
            foreach (var tag in FrameGenTag.All) Draw(commands, material, tag);
        }

        void Draw(CommandBuffer commands, Material material, FrameGenTag tag)
        {
            int label;
            if (string.IsNullOrEmpty(tag.Label) || !_labels.TryGetValue(tag.Label, out label)) label = 0;
            commands.SetGlobalVector(ShaderIds.Tag, new Vector4(label / 255f, tag.Intensity, tag.Moves ? 1 : 0, 1));
            for (var i = 0; i < tag.Renderers.Length; i++)
            {
                var renderer = tag.Renderers[i];
                if (renderer == null || !renderer.enabled || !renderer.gameObject.activeInHierarchy || !renderer.isVisible) continue;
                for (var part = 0; part < tag.Parts[i]; part++) commands.DrawRenderer(renderer, material, part, 0);
            }
        }
    }
}
