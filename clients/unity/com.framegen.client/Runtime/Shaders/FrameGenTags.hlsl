#ifndef FRAMEGEN_TAGS
#define FRAMEGEN_TAGS

// Draws what has a label or a FrameGen Tag into the planes of labels and masks, first row at the top. A fragment counts
// where the camera's depth shows the same surface, about; of those that do the nearest stays: a poster on its wall.

#include "FrameGenPicture.hlsl"

float4x4 unity_ObjectToWorld;
float4x4 _FrameGenView;      // world to view, metres
float4x4 _FrameGenTagClip;   // view to clip, y such that the first row is the top
float4 _FrameGenTag;         // label / 255, intensity, moves, factor of the depth: of surfaces in one place the lower one stays

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

float4 Fragment(FrameGenTagged tagged, out float buffered : SV_Depth) : SV_Target
{
    float2 uv = tagged.Position.xy * _FrameGenTarget.zw;
    float seen = FrameGenDepthAt(float2(uv.x, 1.0 - uv.y));
    if (tagged.Depth > seen * 1.02 + 0.02) discard;
    // 1 at the camera to 0 far away, or the other way round where the depth buffer is not reversed.
    buffered = abs(_FrameGenSource.x - 1.0 / (1.0 + max(tagged.Depth, 0.0) * _FrameGenTag.w));
    return float4(_FrameGenTag.rgb, 1.0);
}

#endif
