using FrameGen.Cameras;
using UnityEngine;
using UnityEngine.Rendering;

namespace FrameGen
{
    /// <summary>Records the commands that draw the last result, seen from the camera of now, over the plain picture.</summary>
    sealed class FrameComposer
    {
        const int CompositePass = 0, CopyPass = 1;

        readonly Material _material;
        readonly double[] _scratch = new double[16];
        readonly double[] _thenFromNow = new double[16];

        public FrameComposer(ShaderSet shaders)
        {
            _material = shaders.Composite;
        }

        /// <param name="commands">Where to record.</param>
        /// <param name="picture">The plain picture; <paramref name="target"/> must be another texture of its size.</param>
        /// <param name="target">What is drawn into.</param>
        /// <param name="now">The camera of this frame.</param>
        /// <param name="shown">The result's textures.</param>
        /// <param name="captured">The frame that the result was made of; null where its textures are gone: not reprojected.</param>
        /// <param name="split">Where the restyled part begins, 0..1 of the width.</param>
        /// <param name="ageMs">Since the frame was captured.</param>
        public void Record(
            CommandBuffer commands, CameraPicture picture, RenderTargetIdentifier target, CameraPose now, ResultPicture shown, CaptureSlot captured,
            float split, float ageMs)
        {
            FrameRecorder.SetSource(commands, picture, now, picture.Width, picture.Height);
            commands.SetGlobalTexture(ShaderIds.Restyled, shown.Texture);
            commands.SetGlobalTexture(ShaderIds.Grid, shown.Grid);
            if (captured != null) SetReprojection(commands, now, captured);
            var kept = captured == null ? (Texture)shown.Texture : captured.Geometry;
            commands.SetGlobalTexture(ShaderIds.Kept, kept);
            commands.SetGlobalVector(ShaderIds.KeptTexel, new Vector4(1f / kept.width, 1f / kept.height, shown.IsBottomUp ? 1 : 0, 0));
            commands.SetGlobalVector(ShaderIds.Show, new Vector4(split, ageMs, captured == null ? 0 : 1, shown.HasGrid ? 1 : 0));
            Draw(commands, target, CompositePass);
        }

        /// <summary>Copies a picture onto a target of its size, texel for texel.</summary>
        public void Copy(CommandBuffer commands, RenderTargetIdentifier source, RenderTargetIdentifier target)
        {
            commands.SetGlobalTexture(ShaderIds.Color, source);
            Draw(commands, target, CopyPass);
        }

        void SetReprojection(CommandBuffer commands, CameraPose now, CaptureSlot captured)
        {
            CameraAlgebra.ThenFromNow(captured.Pose.ViewFromWorld, now.ViewFromWorld, _scratch, _thenFromNow);
            commands.SetGlobalMatrix(ShaderIds.ThenFromNow, CameraPose.FromRows(_thenFromNow));
            commands.SetGlobalMatrix(ShaderIds.ClipNow, CameraPose.FromRows(now.ClipFromView));
            commands.SetGlobalMatrix(ShaderIds.ClipThen, CameraPose.FromRows(captured.Pose.ClipFromView));
        }

        void Draw(CommandBuffer commands, RenderTargetIdentifier target, int pass)
        {
            commands.SetRenderTarget(target);
            commands.DrawProcedural(Matrix4x4.identity, _material, pass, MeshTopology.Triangles, 3);
        }
    }
}
