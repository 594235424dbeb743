using UnityEngine;

namespace FrameGen
{
    /// <summary>Names in the shaders, looked up once.</summary>
    static class ShaderIds
    {
        public static readonly int Color = Shader.PropertyToID("_FrameGenColor");
        public static readonly int Target = Shader.PropertyToID("_FrameGenTarget");
        public static readonly int Depth = Shader.PropertyToID("_FrameGenDepth");
        public static readonly int Source = Shader.PropertyToID("_FrameGenSource");

        public static readonly int View = Shader.PropertyToID("_FrameGenView");
        public static readonly int TagClip = Shader.PropertyToID("_FrameGenTagClip");
        public static readonly int Tag = Shader.PropertyToID("_FrameGenTag");

        public static readonly int PackColor = Shader.PropertyToID("_Color");
        public static readonly int PackGeometry = Shader.PropertyToID("_Geometry");
        public static readonly int PackTags = Shader.PropertyToID("_Tags");
        public static readonly int PackOutput = Shader.PropertyToID("_Output");
        public static readonly int PackLayout = Shader.PropertyToID("_Layout");

        public static readonly int Restyled = Shader.PropertyToID("_FrameGenRestyled");
        public static readonly int Kept = Shader.PropertyToID("_FrameGenKept");
        public static readonly int Grid = Shader.PropertyToID("_FrameGenGrid");
        public static readonly int ClipNow = Shader.PropertyToID("_FrameGenClipNow");
        public static readonly int ClipThen = Shader.PropertyToID("_FrameGenClipThen");
        public static readonly int ThenFromNow = Shader.PropertyToID("_FrameGenThenFromNow");
        public static readonly int KeptTexel = Shader.PropertyToID("_FrameGenKeptTexel");
        public static readonly int Show = Shader.PropertyToID("_FrameGenShow");

        public static readonly int Composited = Shader.PropertyToID("_FrameGenComposited");
        public static readonly int CameraDepth = Shader.PropertyToID("_CameraDepthTexture");
        public static readonly int UniversalMotion = Shader.PropertyToID("_MotionVectorTexture");
    }
}
