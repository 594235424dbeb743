Shader "Hidden/FrameGen/Gather"
{
    SubShader
    {
        Cull Off ZTest Always ZWrite Off

        Pass
        {
            Name "Built-in"
            HLSLPROGRAM
            #pragma target 4.5
            #pragma vertex Vertex
            #pragma fragment Fragment
            #define FRAMEGEN_MOTION _CameraMotionVectorsTexture
            #include "../../Shaders/FrameGenGather.hlsl"
            ENDHLSL
        }

        Pass
        {
            Name "Universal"
            HLSLPROGRAM
            #pragma target 4.5
            #pragma vertex Vertex
            #pragma fragment Fragment
            #define FRAMEGEN_MOTION _MotionVectorTexture
            #include "../../Shaders/FrameGenGather.hlsl"
            ENDHLSL
        }
    }
}
