using System;
using UnityEngine;

namespace FrameGen
{
    /// <summary>The package's own shaders, loaded from its Resources folder so that builds bring them along.</summary>
    sealed class ShaderSet : IDisposable
    {
        public readonly ComputeShader Pack;
        public readonly int PackKernel;
        public readonly Material Gather, Tags, Composite;

        /// <summary>Throws InvalidOperationException where the package is incomplete.</summary>
        public ShaderSet()
        {
            Pack = Resources.Load<ComputeShader>("FrameGen/FrameGenPack");
            if (Pack == null) throw new InvalidOperationException("The package lacks FrameGenPack.compute. Install it again.");
            PackKernel = Pack.FindKernel("Pack");
            Gather = Load("FrameGen/FrameGenGather");
            Tags = Load("FrameGen/FrameGenTags");
            Composite = Load("FrameGen/FrameGenComposite");
        }

        static Material Load(string name)
        {
            var shader = Resources.Load<Shader>(name);
            if (shader == null) throw new InvalidOperationException("The package lacks " + name + ".shader. Install it again.");
            return new Material(shader) { hideFlags = HideFlags.HideAndDontSave };
        }

        public void Dispose()
        {
            UnityEngine.Object.Destroy(Gather);
            UnityEngine.Object.Destroy(Tags);
            UnityEngine.Object.Destroy(Composite);
        }
    }
}
