using System;
using System.Collections.Generic;
using FrameGen.Labels;
using UnityEngine;
using UnityEngine.Rendering;

namespace FrameGen
{
    /// <summary>
    /// What carries a <see cref="FrameGenTag"/> or has a name that says something: numbers for the labels, and the
    /// commands that draw the planes.
    /// </summary>
    sealed class CameraTags : IDisposable
    {
        // Of two surfaces in one place the tag's stays.
        const float Nearer = 0.999f;

        readonly LabelTable _labels = new LabelTable();
        readonly NamedRenderers _named;

        public CameraTags()
        {
            _named = new NamedRenderers(_labels);
        }

        /// <summary>Whether there are masks to draw: names say what a thing is, not how it is to be treated.</summary>
        public bool HasMasks => FrameGenTag.All.Count > 0;

        /// <summary>Whether there is anything to draw.</summary>
        public bool Any => HasMasks || _named.Any;

        /// <summary>The setting "labels": a new object whenever it has changed.</summary>
        public Dictionary<string, object> Table => _labels.Settings;

        public void Dispose() => _named.Dispose();

        /// <summary>Gives numbers to labels that are new: those of tags first.</summary>
        /// <param name="byName">Whether names count.</param>
        /// <param name="isSending">Whether frames are sent.</param>
        public void Update(bool byName, bool isSending)
        {
            // Another level's things are called otherwise. Frames on their way may be misread for a moment.
            if (byName && _named.HasLostScene && _labels.IsFull)
            {
                _labels.Clear();
                _named.Clear();
            }
            foreach (var tag in FrameGenTag.All) _labels.Add(tag.Label, LabelTable.Most);
            if (byName) _named.Update(isSending);
            else if (_named.Any) _named.Clear();
        }

        public void Draw(CommandBuffer commands, Material material, CaptureSlot slot, Camera camera)
        {
            commands.SetRenderTarget(slot.Tags);
            commands.ClearRenderTarget(true, true, new Color(0, 1, 0, 0)); // unknown, restyled fully, stands still
            // Unity's own view and projection of the moment, in metres as the depth is.
            var view = Matrix4x4.Scale(Vector3.one * (float)slot.Pose.MetresPerUnit) * camera.worldToCameraMatrix;
            view[2, 3] -= (float)slot.Pose.StepM;
            commands.SetGlobalMatrix(ShaderIds.View, view);
            var clip = CameraPose.FromRows(slot.Pose.ClipFromView);
            if (!SystemInfo.graphicsUVStartsAtTop) clip.SetRow(1, -clip.GetRow(1)); // texel row 0 is the top of the picture
            commands.SetGlobalMatrix(ShaderIds.TagClip, clip);
            _named.Draw(commands, material);
            foreach (var tag in FrameGenTag.All) Draw(commands, material, tag); // after the names: a tag wins
        }

        /// <summary>Whether a renderer is in the picture, as far as the engine says; it may be gone.</summary>
        public static bool IsSeen(Renderer renderer)
            => renderer != null && renderer.isVisible && renderer.enabled && renderer.gameObject.activeInHierarchy
                && renderer.shadowCastingMode != ShadowCastingMode.ShadowsOnly;

        void Draw(CommandBuffer commands, Material material, FrameGenTag tag)
        {
            commands.SetGlobalVector(ShaderIds.Tag, new Vector4(_labels.NumberOf(tag.Label) / 255f, tag.Intensity, tag.Moves ? 1 : 0, Nearer));
            for (var i = 0; i < tag.Renderers.Length; i++)
            {
                var renderer = tag.Renderers[i];
                if (!IsSeen(renderer)) continue;
                for (var part = 0; part < tag.Parts[i]; part++) commands.DrawRenderer(renderer, material, part, 0);
            }
        }
    }
}
