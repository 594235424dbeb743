@tool
extends RefCounted
## Sources of the three compute passes of a capture; [code]fg_…[/code] are the shared formulas.

## Keeps the picture as it is before transparent things are drawn.
const REMEMBER := """
layout(set = 0, binding = 0) uniform sampler2D scene_color;
layout(set = 0, binding = 1, rgba16f) uniform restrict writeonly image2D opaque_color;
layout(push_constant, std430) uniform Constants { ivec2 size; ivec2 unused; } constants;
void main() {
	ivec2 at = ivec2(gl_GlobalInvocationID.xy);
	if (any(greaterThanEqual(at, constants.size))) return;
	vec2 uv = (vec2(at) + 0.5) / vec2(constants.size);
	imageStore(opaque_color, at, vec4(textureLod(scene_color, uv, 0.0).rgb, 1.0));
}
"""

## Depth in metres, motion in pixels since the last captured frame, and what transparent things changed.
const GEOMETRY := """
layout(set = 0, binding = 0) uniform sampler2D scene_color;
layout(set = 0, binding = 1) uniform sampler2D scene_depth;
layout(set = 0, binding = 2) uniform sampler2D scene_velocity;
layout(set = 0, binding = 3) uniform sampler2D opaque_color;
layout(set = 0, binding = 4) uniform sampler2D motion_before;
layout(set = 0, binding = 5, r32f) uniform restrict writeonly image2D depth_m;
layout(set = 0, binding = 6, rg32f) uniform restrict writeonly image2D motion_px;
layout(set = 0, binding = 7, r32f) uniform restrict writeonly image2D reactive;
layout(push_constant, std430) uniform Constants {
	mat4 sky_before_from_now;  // directions at infinity, OpenGL clip space
	ivec2 size;
	vec2 row_z;
	vec2 row_w;
	float has_velocity;
	float carries;  // 1: add the motion of the frames since the last captured one
	float sees_transparents;
	float unused0, unused1, unused2;
} constants;
void main() {
	ivec2 at = ivec2(gl_GlobalInvocationID.xy);
	if (any(greaterThanEqual(at, constants.size))) return;
	vec2 size = vec2(constants.size);
	vec2 uv = (vec2(at) + 0.5) / size;
	float value = textureLod(scene_depth, uv, 0.0).r;
	bool is_sky = value <= 0.0;  // reversed: the clear value
	float depth = is_sky ? uintBitsToFloat(0x7F800000u) : fg_depth_m(value, constants.row_z, constants.row_w);
	imageStore(depth_m, at, vec4(depth));
	if (constants.has_velocity + constants.sees_transparents < 0.5) return;
	vec2 motion = textureLod(scene_velocity, uv, 0.0).rg * size * constants.has_velocity;
	if (is_sky) {  // the engine writes none there
		vec4 clip = constants.sky_before_from_now * vec4(2.0 * uv.x - 1.0, 1.0 - 2.0 * uv.y, 1.0, 1.0);
		motion = (vec2(0.5 + 0.5 * clip.x / clip.w, 0.5 - 0.5 * clip.y / clip.w) - uv) * size;
	}
	ivec2 from = ivec2(floor(vec2(at) + 0.5 + motion));
	if (constants.carries > 0.5) {
		motion += texelFetch(motion_before, clamp(from, ivec2(0), constants.size - 1), 0).rg;
	}
	imageStore(motion_px, at, vec4(clamp(motion, -30000.0, 30000.0), 0.0, 0.0));
	vec3 after = textureLod(scene_color, uv, 0.0).rgb;
	vec3 before = texelFetch(opaque_color, at, 0).rgb;
	vec3 change = abs(after - before) / (max(max(after, before), vec3(0.02)));
	imageStore(reactive, at, vec4(clamp(1.5 * max(change.r, max(change.g, change.b)) - 0.1, 0.0, 1.0)));
}
"""

## Everything of a captured frame into one buffer, four pixels of a row at a time.
const PACK := """
layout(set = 0, binding = 0) uniform sampler2D picture;
layout(set = 0, binding = 1) uniform sampler2D tags;
layout(set = 0, binding = 2) uniform sampler2D depth_m;
layout(set = 0, binding = 3) uniform sampler2D motion_px;
layout(set = 0, binding = 4) uniform sampler2D reactive;
layout(set = 0, binding = 5, std430) restrict writeonly buffer Packed { uint data[]; } packed_planes;
layout(push_constant, std430) uniform Constants {
	ivec2 size;
	vec2 taps;    // of the picture under one pixel, each way
	int motion;   // where planes begin, in words; -1: left out
	int reactive;
	int label;
	int unused;
} constants;
vec3 average(vec2 uv) {
	vec3 sum = vec3(0.0);
	vec2 step_uv = 1.0 / (vec2(constants.size) * constants.taps);
	for (float y = 0.0; y < constants.taps.y; y += 1.0)
		for (float x = 0.0; x < constants.taps.x; x += 1.0)
			sum += textureLod(picture, uv + (vec2(x, y) + 0.5) * step_uv, 0.0).rgb;
	return sum / (constants.taps.x * constants.taps.y);
}
void main() {
	ivec2 at = ivec2(gl_GlobalInvocationID.xy) * ivec2(4, 1);
	if (any(greaterThanEqual(at, constants.size))) return;
	uint pixels = uint(constants.size.x * constants.size.y);
	uint first = uint(at.y * constants.size.x + at.x);
	vec4 reactives;
	uint labels = 0u, shares = 0u, movers = 0u;
	for (int i = 0; i < 4; i++) {
		ivec2 p = at + ivec2(i, 0);
		vec2 corner = vec2(p) / vec2(constants.size);
		uint index = first + uint(i);
		packed_planes.data[index] = packUnorm4x8(vec4(average(corner), 1.0));
		packed_planes.data[pixels + index] = floatBitsToUint(texelFetch(depth_m, p, 0).r);
		if (constants.motion >= 0)
			packed_planes.data[uint(constants.motion) + index] = packHalf2x16(texelFetch(motion_px, p, 0).rg);
		if (constants.reactive >= 0)
			reactives[i] = texelFetch(reactive, p, 0).r;
		if (constants.label >= 0) {
			uvec3 digits = uvec3(texelFetch(tags, p * textureSize(tags, 0) / constants.size, 0).rgb * 255.0 + 0.5) & 127u;
			uint shift = uint(8 * i);
			labels |= ((digits.r >> 3) << 4 | digits.g >> 3) << shift;
			shares |= ((digits.b & 63u) * 255u / 63u) << shift;
			movers |= ((digits.b >> 6) * 255u) << shift;
		}
	}
	if (constants.reactive >= 0)
		packed_planes.data[uint(constants.reactive) + first / 4u] = packUnorm4x8(reactives);
	if (constants.label >= 0) {
		uint plane = pixels / 4u;
		packed_planes.data[uint(constants.label) + first / 4u] = labels;
		packed_planes.data[uint(constants.label) + plane + first / 4u] = shares;
		packed_planes.data[uint(constants.label) + 2u * plane + first / 4u] = movers;
	}
}
"""
