using System.Collections.Generic;
using UnityEngine;

namespace FrameGen
{
    /// <summary>Who says where the sun stands.</summary>
    public enum SunRule
    {
        [Tooltip("The scene's directional light where there is one, else the prompt.")]
        Auto,
        [Tooltip("The scene's directional light.")]
        Light,
        [Tooltip("The prompt.")]
        Prompt
    }

    /// <summary>A look to keep and to share: everything about the picture that is not about the connection.</summary>
    [CreateAssetMenu(menuName = "FrameGen/Look", fileName = "Look")]
    public sealed class FrameGenLook : ScriptableObject
    {
        [Tooltip("What the picture should look like: materials, weather, time of day.")]
        [TextArea(2, 6)]
        public string Prompt = "";

        [Tooltip("What it should not look like. Models without a negative prompt ignore it.")]
        [TextArea(1, 4)]
        public string NegativePrompt = "";

        [Tooltip("One of the server's models. Empty: its default.")]
        public string Model = "";

        [Tooltip("0 shows the engine's picture, 1 the model's.")]
        [Range(0, 1)]
        public float Intensity = 1;

        [Tooltip("How far the model may depart from the source.")]
        [Range(0, 1)]
        public float Strength = 0.5f;

        [Tooltip("Of the model's noise. The same seed gives the same picture.")]
        [Min(0)]
        public int Seed = 0;

        [Tooltip("Who says where the sun stands.")]
        public SunRule Sun = SunRule.Auto;

        static readonly string[] SunNames = { "auto", "light", "prompt" };

        /// <summary>As the protocol's settings (SPEC.md, "The settings").</summary>
        public void WriteTo(Dictionary<string, object> settings)
        {
            settings["prompt"] = Prompt;
            settings["negative_prompt"] = NegativePrompt;
            settings["model"] = Model;
            settings["intensity"] = (double)Mathf.Clamp01(Intensity);
            settings["strength"] = (double)Mathf.Clamp01(Strength);
            settings["seed"] = (long)Mathf.Max(0, Seed);
            settings["sun"] = SunNames[(int)Sun];
        }

        /// <summary>Takes over another look's values.</summary>
        public void CopyFrom(FrameGenLook other)
        {
            Prompt = other.Prompt;
            NegativePrompt = other.NegativePrompt;
            Model = other.Model;
            Intensity = other.Intensity;
            Strength = other.Strength;
            Seed = other.Seed;
            Sun = other.Sun;
        }
    }
}
