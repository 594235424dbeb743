Shader "Hidden/FrameGen/Tags"
{
    SubShader
    {
        Cull Off ZTest LEqual ZWrite On

        Pass
        {
            HLSLPROGRAM
            #pragma target 4.5
            #pragma vertex Vertex
            #pragma fragment Fragment
            #include "../../Shaders/FrameGenTags.hlsl"
            ENDHLSL
        }
    }
}
