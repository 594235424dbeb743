#ifndef FRAMEGEN_PICTURE
#define FRAMEGEN_PICTURE

// What the full-screen passes share. No engine include is used: the few things of the engine are named here.
//
// Two orders of rows meet: the textures that a camera renders have v = 0 at the bottom of the picture, under every
// graphics API; everything of framegen's own has its first row at the top. SV_Position counts texels from row 0 in
// both, so no macro about flipped projections is needed.

#include "FramegenCommon.hlsl"

Texture2D<float4> _FrameGenColor;       // the camera's picture
Texture2D<float4> _CameraDepthTexture;  // Unity's, of all pipelines
SamplerState sampler_LinearClamp;
SamplerState sampler_PointClamp;

float4 _FrameGenTarget;  // width, height, 1 / width, 1 / height of what is drawn into
float4 _FrameGenDepth;   // buffer value v to metres: (x + y v) / (z + w v)
float4 _FrameGenSource;  // value of the cleared depth buffer, 1 where the picture is linear, samples across, samples down

// A triangle that covers the target.
float4 FrameGenTriangle(uint id)
{
    return float4(id == 1 ? 3.0 : -1.0, id == 2 ? 3.0 : -1.0, 0.5, 1.0);
}

// Metres along the view axis at a place of the camera's picture; FG_SKY_M where nothing was drawn.
float FrameGenDepthAt(float2 cameraUv)
{
    float value = _CameraDepthTexture.SampleLevel(sampler_PointClamp, cameraUv, 0.0).r;
    float metres = (_FrameGenDepth.x + _FrameGenDepth.y * value) / (_FrameGenDepth.z + _FrameGenDepth.w * value);
    return value == _FrameGenSource.x ? FG_SKY_M : min(metres, FG_SKY_M);
}

// sRGB-encoded colour of the camera's picture.
float3 FrameGenEncoded(float3 color)
{
    return _FrameGenSource.y > 0.5 ? fg_srgb_from_linear(color) : saturate(color);
}

#endif
