#ifndef FRAMEGEN_TAGS
#define FRAMEGEN_TAGS

// Draws what carries a FrameGen Tag into the planes of labels and masks, first row at the top. There is no depth
// attachment: a fragment counts where the camera's depth shows the same surface.

#include "FrameGenPicture.hlsl"

float4x4 unity_ObjectToWorld;
float4x4 _FrameGenView;      // world to view, metres
float4x4 _FrameGenTagClip;   // view to clip, y such that the first row is the top
float4 _FrameGenTag;         // label / 255, intensity, moves

struct FrameGenTagged
{
    float4 Position : SV_Position;
    float Depth : TEXCOORD0;
};

FrameGenTagged Vertex(float4 vertex : POSITION)
{
    float4 view = mul(_FrameGenView, mul(unity_ObjectToWorld, float4(vertex.xyz, 1.0)));
    FrameGenTagged tagged;
    tagged.Position = mul(_FrameGenTagClip, view);
    tagged.Position.z = 0.5 * tagged.Position.w;  // inside the range of every API; behind the camera it is clipped
    tagged.Depth = -view.z;
    return tagged;
}

float4 Fragment(FrameGenTagged tagged) : SV_Target
{
    float2 uv = tagged.Position.xy * _FrameGenTarget.zw;
    float seen = FrameGenDepthAt(float2(uv.x, 1.0 - uv.y));
    if (tagged.Depth > seen * 1.02 + 0.02) discard;
    return _FrameGenTag;
}

#endif
