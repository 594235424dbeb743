using UnityEngine;
using UnityEngine.Rendering;

namespace FrameGen
{
    /// <summary>Which pipeline drew a picture; also the pass of FrameGenGather.shader that knows its names.</summary>
    enum PipelineKind
    {
        BuiltIn = 0,
        Universal = 1
    }

    /// <summary>A camera's finished picture, before the HUD, as a pipeline hands it over.</summary>
    struct CameraPicture
    {
        public Camera Camera;
        public PipelineKind Pipeline;
        public RenderTargetIdentifier Color;
        public int Width, Height;
    }
}
