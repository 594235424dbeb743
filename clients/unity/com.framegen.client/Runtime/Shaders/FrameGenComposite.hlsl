#ifndef FRAMEGEN_COMPOSITE
#define FRAMEGEN_COMPOSITE

// The last restyled frame, seen from the camera of now (shaders/README.md, "The recipe").

#include "FrameGenPicture.hlsl"

Texture2D<float4> _FrameGenRestyled;  // sRGB-encoded, as a rule first row at the top
Texture2D<float4> _FrameGenKept;      // depth in metres of the frame that it was made of, first row at the top
Texture2D<float4> _FrameGenGrid;      // 48 x 9: the result's local colours

float4x4 _FrameGenClipNow;
float4x4 _FrameGenClipThen;
float4x4 _FrameGenThenFromNow;
float4 _FrameGenKeptTexel;  // 1 / width, 1 / height of the kept depth, 1: the restyled picture has its last row first
float4 _FrameGenShow;       // where the restyled part begins (0..1 of the width), age in ms, 1: reproject, 1: grid

float4 Vertex(uint id : SV_VertexID) : SV_Position
{
    return FrameGenTriangle(id);
}

float3 FrameGenRestyledAt(float2 uv)
{
    float2 place = _FrameGenKeptTexel.z > 0.5 ? float2(uv.x, 1.0 - uv.y) : uv;
    return _FrameGenRestyled.SampleLevel(sampler_LinearClamp, place, 0.0).rgb;
}

// Depths of now: left, right, above, below.
float4 FrameGenDepthsAround(float2 cameraUv)
{
    float2 step = _FrameGenTarget.zw;
    return float4(
        FrameGenDepthAt(cameraUv - float2(step.x, 0.0)), FrameGenDepthAt(cameraUv + float2(step.x, 0.0)),
        FrameGenDepthAt(cameraUv + float2(0.0, step.y)), FrameGenDepthAt(cameraUv - float2(0.0, step.y)));
}

float FrameGenKeptAt(float2 uv)
{
    return _FrameGenKept.SampleLevel(sampler_PointClamp, uv, 0.0).r;
}

float4 FrameGenKeptAround(float2 uv, float2 reach)
{
    return float4(
        FrameGenKeptAt(uv - float2(reach.x, 0.0)), FrameGenKeptAt(uv + float2(reach.x, 0.0)),
        FrameGenKeptAt(uv - float2(0.0, reach.y)), FrameGenKeptAt(uv + float2(0.0, reach.y)));
}

// The pixel that was not seen where it should have been at expectedM: mapped, or as the surface beside it.
float3 FrameGenFilled(float2 from, float3 mapped, float expectedM, float slope)
{
    float4 sum = float4(0.0, 0.0, 0.0, 0.0);
    for (int tap = 0; tap < FG_FILL_TAPS; tap++)
    {
        float2 beside = from + fg_fill_offset(tap) * _FrameGenKeptTexel.xy;
        float3 found = FrameGenRestyledAt(beside);
        float weight = fg_fill_weight(tap, found, FrameGenKeptAt(beside), mapped, expectedM, slope);
        float4 around = FrameGenKeptAround(beside, FG_RIM_TEXELS * _FrameGenKeptTexel.xy);
        weight *= fg_inside(beside, _FrameGenKeptTexel.xy);
        if (fg_fill_is_clear(tap, expectedM, around, slope)) sum += float4(found, 1.0) * weight;
    }
    return fg_filled(mapped, sum);
}

float3 FrameGenReprojected(float2 uv, float2 cameraUv, float3 plain)
{
    float depth = FrameGenDepthAt(cameraUv);
    float4 around = FrameGenDepthsAround(cameraUv);
    // The tolerance is of the kept depth's texels, which are larger than the screen's.
    float slope = fg_slope(depth, around) * max(_FrameGenKeptTexel.x / _FrameGenTarget.z, 1.0);
    float3 there = fg_reproject(uv, depth, _FrameGenClipNow, _FrameGenThenFromNow, _FrameGenClipThen);
    float4 kept = FrameGenKeptAround(there.xy, FG_RIM_TEXELS * _FrameGenKeptTexel.xy);
    float seen = fg_inside(there.xy, _FrameGenKeptTexel.xy) * fg_same_surface(FrameGenKeptAt(there.xy), there.z, slope);
    seen *= fg_no_rim(there.z, kept, depth, around, slope);
    float3 hole = _FrameGenShow.w > 0.5 ? fg_grid_color(_FrameGenGrid, uv, plain) : plain;
    if (seen < 0.999) hole = FrameGenFilled(there.xy, hole, there.z, slope);
    return lerp(hole, FrameGenRestyledAt(there.xy), seen);
}

float4 Fragment(float4 position : SV_Position) : SV_Target
{
    float2 cameraUv = position.xy * _FrameGenTarget.zw;
    float2 uv = float2(cameraUv.x, 1.0 - cameraUv.y);
    float4 source = _FrameGenColor.SampleLevel(sampler_PointClamp, cameraUv, 0.0);
    if (uv.x < _FrameGenShow.x) return source;
    if (_FrameGenShow.x > 0.0 && uv.x < _FrameGenShow.x + 2.0 * _FrameGenTarget.z) return float4(1.0, 1.0, 1.0, source.a);
    float3 plain = FrameGenEncoded(source.rgb);
    float3 picture;
    if (_FrameGenShow.z > 0.5) picture = FrameGenReprojected(uv, cameraUv, plain);
    else picture = FrameGenRestyledAt(uv);
    float3 shown = lerp(plain, picture, fg_freshness(_FrameGenShow.y));
    return float4(_FrameGenSource.y > 0.5 ? fg_linear_from_srgb(shown) : shown, source.a);
}

// Texel for texel.
float4 FragmentCopy(float4 position : SV_Position) : SV_Target
{
    return _FrameGenColor.SampleLevel(sampler_PointClamp, position.xy * _FrameGenTarget.zw, 0.0);
}

#endif
