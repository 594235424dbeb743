Shader "Hidden/FrameGen/Composite"
{
    SubShader
    {
        Cull Off ZTest Always ZWrite Off

        Pass
        {
            Name "Composite"
            HLSLPROGRAM
            #pragma target 4.5
            #pragma vertex Vertex
            #pragma fragment Fragment
            #include "../../Shaders/FrameGenComposite.hlsl"
            ENDHLSL
        }

        Pass
        {
            Name "Copy"
            HLSLPROGRAM
            #pragma target 4.5
            #pragma vertex Vertex
            #pragma fragment FragmentCopy
            #include "../../Shaders/FrameGenComposite.hlsl"
            ENDHLSL
        }
    }
}
