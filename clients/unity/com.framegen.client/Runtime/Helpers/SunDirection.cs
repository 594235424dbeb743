using System;
using UnityEngine;

namespace FrameGen
{
    /// <summary>The scene's sun as the protocol's light direction (towards the light, z the other way round), and back.</summary>
    static class SunDirection
    {
        /// <summary>False where there is no directional light, or it is off.</summary>
        public static bool Read(Light light, double[] into)
        {
            if (light == null || !light.isActiveAndEnabled || light.type != LightType.Directional) return false;
            var forward = light.transform.forward; // from the light into the scene
            double length = Math.Sqrt((double)forward.x * forward.x + (double)forward.y * forward.y + (double)forward.z * forward.z);
            into[0] = -forward.x / length;
            into[1] = -forward.y / length;
            into[2] = forward.z / length;
            return true;
        }

        /// <summary>Turns a light so that it shines from a direction of the protocol.</summary>
        public static void Turn(Light light, double[] direction)
        {
            if (light == null) return;
            var forward = new Vector3((float)-direction[0], (float)-direction[1], (float)direction[2]);
            light.transform.rotation = Quaternion.LookRotation(forward);
        }
    }
}
