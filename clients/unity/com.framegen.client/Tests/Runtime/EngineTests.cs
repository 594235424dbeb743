using System.Collections.Generic;
using NUnit.Framework;
using UnityEngine;

namespace FrameGen.Tests
{
    /// <summary>What needs the engine: to be run with Unity's test runner (Window, General, Test Runner, EditMode).</summary>
    public sealed class EngineTests
    {
        [Test]
        public void TheShadersAreThereAndTheirPassesCompile()
        {
            foreach (var name in new[] { "FrameGenGather", "FrameGenTags", "FrameGenComposite" })
            {
                var shader = Resources.Load<Shader>("FrameGen/" + name);
                Assert.IsNotNull(shader);
                Assert.IsTrue(shader.isSupported, name);
            }
            var pack = Resources.Load<ComputeShader>("FrameGen/FrameGenPack");
            Assert.IsNotNull(pack);
            Assert.IsTrue(pack.HasKernel("Pack"));
        }

        [Test]
        public void ALookIsTheProtocolsSettings()
        {
            var look = ScriptableObject.CreateInstance<FrameGenLook>();
            look.Prompt = "snow";
            look.Intensity = 2;
            look.Seed = -1;
            look.Sun = SunRule.Prompt;
            var settings = new Dictionary<string, object>();
            look.WriteTo(settings);
            Assert.AreEqual("snow", settings["prompt"]);
            Assert.AreEqual(1.0, (double)settings["intensity"], 0);
            Assert.AreEqual(0L, settings["seed"]);
            Assert.AreEqual("prompt", settings["sun"]);
            Object.DestroyImmediate(look);
        }

        [Test]
        public void AVolumeRulesInsideAndTheHigherPriorityWins()
        {
            var low = Volume(new Vector3(0, 0, 0), 10, 0);
            var high = Volume(new Vector3(3, 0, 0), 4, 1);
            Assert.IsTrue(FrameGenPromptVolume.At(new Vector3(-4, 0, 0)) == low);
            Assert.IsTrue(FrameGenPromptVolume.At(new Vector3(3, 1, 0)) == high);
            Assert.IsTrue(FrameGenPromptVolume.At(new Vector3(0, 6, 0)) == null);
            Object.DestroyImmediate(low.gameObject);
            Object.DestroyImmediate(high.gameObject);
        }

        static FrameGenPromptVolume Volume(Vector3 position, float size, int priority)
        {
            var volume = new GameObject("volume").AddComponent<FrameGenPromptVolume>();
            volume.transform.position = position;
            volume.transform.localScale = Vector3.one * size;
            volume.Priority = priority;
            if (!FrameGenPromptVolume.All.Contains(volume)) FrameGenPromptVolume.All.Add(volume); // edit mode calls no OnEnable
            return volume;
        }
    }
}
