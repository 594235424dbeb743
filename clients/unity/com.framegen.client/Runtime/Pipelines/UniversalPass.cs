#if FRAMEGEN_URP
using System;
using UnityEngine;
using UnityEngine.Rendering;
using UnityEngine.Rendering.Universal;
#if UNITY_6000_0_OR_NEWER
using UnityEngine.Rendering.RenderGraphModule;
#endif

namespace FrameGen
{
    /// <summary>
    /// Captures and exchanges the picture after URP's post-processing: by render graph in Unity 6, by Execute in 2022
    /// and in Unity 6's compatibility mode (gone since 6000.4).
    /// </summary>
    sealed class UniversalPass : ScriptableRenderPass
    {
        readonly FrameGenCamera _owner;

        public UniversalPass(FrameGenCamera owner)
        {
            _owner = owner;
            // Exactly this event: URP looks for it when it decides whether post-processing may write to the screen.
            renderPassEvent = RenderPassEvent.AfterRenderingPostProcessing;
            var input = ScriptableRenderPassInput.Depth | (owner.NeedsMotion ? ScriptableRenderPassInput.Motion : ScriptableRenderPassInput.None);
#if UNITY_6000_0_OR_NEWER
            requiresIntermediateTexture = true; // the screen itself cannot be sampled
#else
            input |= ScriptableRenderPassInput.Color; // likewise: asking for colour makes URP render to a texture
#endif
            ConfigureInput(input);
        }

#if UNITY_6000_0_OR_NEWER
        sealed class PassData
        {
            public FrameGenCamera Owner;
            public FramePlan Plan;
            public CameraPicture Picture;
            public TextureHandle Color, Depth, Motion, Target;
        }

        public override void RecordRenderGraph(RenderGraph graph, ContextContainer frameData)
        {
            var resources = frameData.Get<UniversalResourceData>();
            var cameraData = frameData.Get<UniversalCameraData>();
            if (resources.isActiveTargetBackBuffer)
            {
                _owner.Complain("URP renders straight to the screen here, which cannot be captured. Is the camera's stack unusual?");
                return;
            }
            var source = resources.activeColorTexture;
            var description = graph.GetTextureDesc(source);
            var plan = _owner.Plan(description.width, description.height, cameraData.GetProjectionMatrix(), resources.motionVectorColor.IsValid());
            if (plan.IsEmpty) return;
            PassData data;
            using (var builder = graph.AddUnsafePass<PassData>("FrameGen", out data))
            {
                data.Owner = _owner;
                data.Plan = plan;
                data.Picture = new CameraPicture
                {
                    Camera = cameraData.camera, Pipeline = PipelineKind.Universal, Width = description.width, Height = description.height
                };
                data.Color = source;
                data.Depth = resources.cameraDepthTexture;
                data.Motion = resources.motionVectorColor;
                builder.UseTexture(data.Color, AccessFlags.Read);
                builder.UseTexture(data.Depth, AccessFlags.Read);
                if (data.Motion.IsValid()) builder.UseTexture(data.Motion, AccessFlags.Read);
                data.Target = source;
                if (plan.Compose)
                {
                    description.name = "FrameGen picture";
                    description.clearBuffer = false;
                    description.msaaSamples = MSAASamples.None;
                    data.Target = graph.CreateTexture(description);
                    builder.UseTexture(data.Target, AccessFlags.Write);
                }
                builder.AllowPassCulling(false);
                builder.AllowGlobalStateModification(true);
                builder.SetRenderFunc<PassData>((d, context) => Run(d, CommandBufferHelpers.GetNativeCommandBuffer(context.cmd)));
            }
            // What follows draws on the new picture: cheaper than copying it back.
            if (plan.Compose) resources.cameraColor = data.Target;
        }

        static void Run(PassData data, CommandBuffer commands)
        {
            commands.SetGlobalTexture(ShaderIds.CameraDepth, data.Depth);
            if (data.Motion.IsValid()) commands.SetGlobalTexture(ShaderIds.UniversalMotion, data.Motion);
            var picture = data.Picture;
            picture.Color = data.Color;
            data.Owner.Record(commands, data.Plan, picture, data.Target);
        }
#endif

#if !UNITY_6000_4_OR_NEWER
#if UNITY_6000_0_OR_NEWER
        [Obsolete("Used in Unity 6's compatibility mode alone.")]
#endif
        public override void Execute(ScriptableRenderContext context, ref RenderingData renderingData)
        {
            var description = renderingData.cameraData.cameraTargetDescriptor;
            var plan = _owner.Plan(description.width, description.height, renderingData.cameraData.GetProjectionMatrix(), true);
            if (plan.IsEmpty) return;
            RenderTargetIdentifier color = renderingData.cameraData.renderer.cameraColorTargetHandle.nameID;
            var picture = new CameraPicture
            {
                Camera = renderingData.cameraData.camera, Pipeline = PipelineKind.Universal, Color = color,
                Width = description.width, Height = description.height
            };
            var commands = CommandBufferPool.Get("FrameGen");
            if (plan.Compose)
            {
                description.depthBufferBits = 0;
                description.msaaSamples = 1;
                commands.GetTemporaryRT(ShaderIds.Composited, description, FilterMode.Point);
                var composited = new RenderTargetIdentifier(ShaderIds.Composited);
                _owner.Record(commands, plan, picture, composited);
                _owner.Copy(commands, composited, color);
                commands.ReleaseTemporaryRT(ShaderIds.Composited);
            }
            else
            {
                _owner.Record(commands, plan, picture, color);
                commands.SetRenderTarget(color); // as URP believes it to be
            }
            context.ExecuteCommandBuffer(commands);
            CommandBufferPool.Release(commands);
        }
#endif
    }
}
#endif
