#if FRAMEGEN_URP
using UnityEngine;
using UnityEngine.Rendering;
using UnityEngine.Rendering.Universal;

namespace FrameGen
{
    // URP: a pass is enqueued for this camera each frame, so that no renderer asset needs a feature.
    public sealed partial class FrameGenCamera
    {
        UniversalPass _pass;

        void EnableUniversal()
        {
            if (!(GraphicsSettings.currentRenderPipeline is UniversalRenderPipelineAsset))
            {
                Complain(UnknownPipeline);
                Debug.LogWarning(UnknownPipeline, this);
                return;
            }
            _pass = new UniversalPass(this);
            RenderPipelineManager.beginCameraRendering += EnqueuePass;
        }

        void DisableUniversal()
        {
            RenderPipelineManager.beginCameraRendering -= EnqueuePass;
            _pass = null;
        }

        void EnqueuePass(ScriptableRenderContext context, Camera camera)
        {
            if (camera != _camera || _pass == null) return;
            camera.GetUniversalAdditionalCameraData().scriptableRenderer.EnqueuePass(_pass);
        }
    }
}
#endif
