#ifndef FRAMEGEN_GATHER
#define FRAMEGEN_GATHER

// Brings the camera's picture, depth and motion to the size and the conventions of the wire (protocol/CONVENTIONS.md).
// Define FRAMEGEN_MOTION as the name of the pipeline's motion texture before this is included.

#include "FrameGenPicture.hlsl"

Texture2D<float4> FRAMEGEN_MOTION;  // uv of now - uv of before, v upwards

struct FrameGenGathered
{
    float4 Color : SV_Target0;     // sRGB-encoded
    float4 Geometry : SV_Target1;  // depth in metres, motion in pixels (x right, y down)
};

float4 Vertex(uint id : SV_VertexID) : SV_Position
{
    return FrameGenTriangle(id);
}

// The mean of the samples under one pixel of the target: one bilinear sample of a picture four times as large would
// skip three quarters of it, and thin things would flicker.
float3 FrameGenMean(float2 cameraUv)
{
    float across = _FrameGenSource.z;
    float down = _FrameGenSource.w;
    float3 sum = float3(0.0, 0.0, 0.0);
    for (float y = 0.5; y < down; y += 1.0)
    {
        for (float x = 0.5; x < across; x += 1.0)
        {
            float2 offset = float2(x / across - 0.5, y / down - 0.5) * _FrameGenTarget.zw;
            sum += max(_FrameGenColor.SampleLevel(sampler_LinearClamp, cameraUv + offset, 0.0).rgb, 0.0);
        }
    }
    return sum / (across * down);
}

// Both minus signs of y, that of the direction and that of the axis, cancel. Values that no motion has become 0.
float2 FrameGenMotion(float2 cameraUv)
{
    float2 uvs = FRAMEGEN_MOTION.SampleLevel(sampler_PointClamp, cameraUv, 0.0).rg;
    float2 pixels = float2(-uvs.x, uvs.y) * _FrameGenTarget.xy;
    return float2(abs(pixels.x) < 32768.0 ? pixels.x : 0.0, abs(pixels.y) < 32768.0 ? pixels.y : 0.0);
}

FrameGenGathered Fragment(float4 position : SV_Position)
{
    float2 uv = position.xy * _FrameGenTarget.zw;  // from the top
    float2 cameraUv = float2(uv.x, 1.0 - uv.y);
    FrameGenGathered gathered;
    gathered.Color = float4(FrameGenEncoded(FrameGenMean(cameraUv)), 1.0);
    gathered.Geometry = float4(FrameGenDepthAt(cameraUv), FrameGenMotion(cameraUv), 0.0);
    return gathered;
}

#endif
