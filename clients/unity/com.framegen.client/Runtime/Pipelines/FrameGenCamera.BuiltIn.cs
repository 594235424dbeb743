using UnityEngine;
using UnityEngine.Rendering;

namespace FrameGen
{
    // The built-in pipeline: after the camera's image effects, before the overlay of the interface.
    public sealed partial class FrameGenCamera
    {
        const string UnknownPipeline =
            "FrameGen knows the built-in pipeline and URP 14 and newer; this project uses another one. The plain picture is shown.";

        CommandBuffer _commands;
        RenderTexture _composited;

        void EnablePipeline()
        {
            _commands = new CommandBuffer { name = "FrameGen" };
            if (GraphicsSettings.currentRenderPipeline == null)
            {
                _camera.depthTextureMode |= DepthTextureMode.Depth;
                if (_motionVectors) _camera.depthTextureMode |= DepthTextureMode.MotionVectors;
                return;
            }
#if FRAMEGEN_URP
            EnableUniversal();
#else
            Complain(UnknownPipeline);
            Debug.LogWarning(UnknownPipeline, this);
#endif
        }

        void DisablePipeline()
        {
#if FRAMEGEN_URP
            DisableUniversal();
#endif
            if (_commands != null) _commands.Dispose();
            _commands = null;
            if (_composited != null) Destroy(_composited);
            _composited = null;
        }

        void OnRenderImage(RenderTexture source, RenderTexture destination)
        {
            var plan = Plan(source.width, source.height, _camera.projectionMatrix, true);
            if (plan.IsEmpty)
            {
                Graphics.Blit(source, destination);
                return;
            }
            var picture = new CameraPicture
            {
                Camera = _camera, Pipeline = PipelineKind.BuiltIn, Color = source, Width = source.width, Height = source.height
            };
            if (plan.Compose) FitComposited(source);
            _commands.Clear();
            Record(_commands, plan, picture, plan.Compose ? _composited : source);
            Graphics.ExecuteCommandBuffer(_commands);
            // Blit knows when the destination is the screen, which has its rows the other way round.
            Graphics.Blit(plan.Compose ? _composited : source, destination);
        }

        void FitComposited(RenderTexture source)
        {
            if (_composited != null && _composited.width == source.width && _composited.height == source.height && _composited.format == source.format) return;
            if (_composited != null) Destroy(_composited);
            _composited = new RenderTexture(source.width, source.height, 0, source.format)
            {
                name = "FrameGen picture", hideFlags = HideFlags.HideAndDontSave
            };
        }
    }
}
