using UnityEngine;
using UnityEngine.Rendering;

namespace FrameGen
{
    /// <summary>Records the commands that bring a camera's picture, depth, motion and tags into a slot and read it back.</summary>
    sealed class FrameRecorder
    {
        readonly ShaderSet _shaders;
        readonly RenderTargetIdentifier[] _targets = new RenderTargetIdentifier[2];

        public FrameRecorder(ShaderSet shaders)
        {
            _shaders = shaders;
        }

        public void Record(CommandBuffer commands, CameraPicture picture, CaptureSlot slot, CapturePool pool, CameraTags tags)
        {
            int width = pool.Width, height = pool.Height;
            SetSource(commands, picture, slot.Pose, width, height);
            Gather(commands, picture, slot);
            if (slot.HasTags) tags.Draw(commands, _shaders.Tags, slot, picture.Camera);
            Pack(commands, slot, pool);
            commands.RequestAsyncReadbackIntoNativeArray(ref slot.Native, pool.Buffer, slot.OnReadback);
        }

        /// <summary>What every pass needs to know of the picture and of what it draws into.</summary>
        public static void SetSource(CommandBuffer commands, CameraPicture picture, CameraPose pose, int width, int height)
        {
            // As many samples under a pixel as the picture is larger, by two because each sample is bilinear.
            var across = Mathf.Clamp(Mathf.CeilToInt(0.5f * picture.Width / width), 1, 4);
            var down = Mathf.Clamp(Mathf.CeilToInt(0.5f * picture.Height / height), 1, 4);
            var isLinear = QualitySettings.activeColorSpace == ColorSpace.Linear;
            commands.SetGlobalTexture(ShaderIds.Color, picture.Color);
            commands.SetGlobalVector(ShaderIds.Target, new Vector4(width, height, 1f / width, 1f / height));
            commands.SetGlobalVector(ShaderIds.Depth, pose.DepthFromBuffer);
            commands.SetGlobalVector(ShaderIds.Source, new Vector4(SystemInfo.usesReversedZBuffer ? 0 : 1, isLinear ? 1 : 0, across, down));
        }

        void Gather(CommandBuffer commands, CameraPicture picture, CaptureSlot slot)
        {
            // Two targets at once: colour, and depth with motion.
            _targets[0] = slot.Color;
            _targets[1] = slot.Geometry;
            commands.SetRenderTarget(_targets, slot.Color);
            commands.DrawProcedural(Matrix4x4.identity, _shaders.Gather, (int)picture.Pipeline, MeshTopology.Triangles, 3);
        }

        void Pack(CommandBuffer commands, CaptureSlot slot, CapturePool pool)
        {
            commands.SetComputeTextureParam(_shaders.Pack, _shaders.PackKernel, ShaderIds.PackColor, slot.Color);
            commands.SetComputeTextureParam(_shaders.Pack, _shaders.PackKernel, ShaderIds.PackGeometry, slot.Geometry);
            commands.SetComputeTextureParam(_shaders.Pack, _shaders.PackKernel, ShaderIds.PackTags, slot.Tags);
            commands.SetComputeBufferParam(_shaders.Pack, _shaders.PackKernel, ShaderIds.PackOutput, pool.Buffer);
            commands.SetComputeVectorParam(
                _shaders.Pack, ShaderIds.PackLayout, new Vector4(pool.Width, pool.Height, slot.HasMotion ? 1 : 0, slot.HasMasks ? 2 : slot.HasTags ? 1 : 0));
            commands.DispatchCompute(_shaders.Pack, _shaders.PackKernel, (pool.Width / 4 + 7) / 8, (pool.Height + 7) / 8, 1);
        }
    }
}
