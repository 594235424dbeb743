"""The engine's pass in GLSL 3.30: colour into one target; motion, depth and label into another.

    colour   the albedo in one fixed light, sRGB-encoded; no shadows.
    planes   motion x, motion y (pixels, previous minus current, y down), depth (metres along the view axis,
             sky +inf), label.

``previous_clip`` takes a point's world position *now* to clip space of the frame before; for what moves on its own
the renderer puts the way back into it. The position now is ``gl_FragCoord`` itself, exactly.
"""

from __future__ import annotations

STATIC_VERTEX = """#version 330
in vec4 p3d_Vertex; in vec4 p3d_Color; in vec3 p3d_MultiTexCoord0;
uniform mat4 clip_from_world; uniform mat4 previous_clip;
out vec3 before; out vec3 lit; out vec3 texcoord; flat out float label;
void main() {
    before = (previous_clip * p3d_Vertex).xyw;
    lit = p3d_Color.rgb;                                // the light on what stands still is in its colour
    label = p3d_Color.a * 255.0;
    texcoord = p3d_MultiTexCoord0;
    gl_Position = clip_from_world * p3d_Vertex;
}
"""

MOVER_VERTEX = """#version 330
in vec4 p3d_Vertex; in vec3 p3d_Normal; in vec4 p3d_Color; in vec3 p3d_MultiTexCoord0;
uniform mat4 p3d_ModelMatrix; uniform mat4 clip_from_world; uniform mat4 previous_clip; uniform vec3 light_direction;
out vec3 before; out vec3 lit; out vec3 texcoord; flat out float label;
void main() {
    vec4 world = p3d_ModelMatrix * p3d_Vertex;
    float facing = dot(mat3(p3d_ModelMatrix) * p3d_Normal, light_direction);
    float light = mix(0.55, 1.3, clamp((facing + 0.25) / 1.25, 0.0, 1.0));
    before = (previous_clip * world).xyw;
    lit = p3d_Color.rgb * pow(light, 1.0 / 2.2);        // the albedo is encoded already
    label = p3d_Color.a * 255.0;
    texcoord = p3d_MultiTexCoord0;
    gl_Position = clip_from_world * world;
}
"""

SURFACE_FRAGMENT = """#version 330
in vec3 before; in vec3 lit; in vec3 texcoord; flat in float label;
uniform vec2 half_px; uniform sampler2DArray patterns;
layout(location = 0) out vec4 color; layout(location = 1) out vec4 planes;
void main() {
    color = vec4(lit * (texture(patterns, texcoord).r * (255.0 / 128.0)), 1.0);
    vec2 moved = before.xy / before.z * half_px - (gl_FragCoord.xy - half_px);
    planes = vec4(moved.x, -moved.y, 1.0 / gl_FragCoord.w, label);
}
"""

SKY_VERTEX = """#version 330
in vec4 p3d_Vertex;
uniform mat4 world_from_clip; uniform mat4 previous_clip;   // of world_from_clip only the turn: a sky has no parallax
out vec3 direction; out vec3 before;
void main() {
    direction = (world_from_clip * vec4(p3d_Vertex.xy, 1.0, 1.0)).xyz;
    before = (previous_clip * vec4(direction, 0.0)).xyw;
    gl_Position = vec4(p3d_Vertex.xy, 0.9999999, 1.0);
}
"""

SKY_FRAGMENT = """#version 330
in vec3 direction; in vec3 before;
uniform vec2 half_px; uniform float sky_label;
layout(location = 0) out vec4 color; layout(location = 1) out vec4 planes;
void main() {
    float up = clamp(direction.z * inversesqrt(dot(direction, direction)) * 1.6, 0.0, 1.0);
    color = vec4(mix(vec3(0.800, 0.870, 0.955), vec3(0.600, 0.735, 0.905), sqrt(up)), 1.0);
    vec2 moved = before.xy / before.z * half_px - (gl_FragCoord.xy - half_px);
    planes = vec4(moved.x, -moved.y, uintBitsToFloat(0x7f800000u), sky_label);
}
"""
