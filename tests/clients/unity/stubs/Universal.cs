#if FRAMEGEN_URP
using System;
using System.Collections.Generic;

namespace UnityEngine.Rendering
{
    // ScriptReference/Rendering.ScriptableRenderContext.html
    public struct ScriptableRenderContext { public void ExecuteCommandBuffer(CommandBuffer commandBuffer) => commandBuffer.Execute(); }

    // ScriptReference/Rendering.RenderPipelineManager.html
    public static class RenderPipelineManager
    {
        public static event Action<ScriptableRenderContext, Camera> beginCameraRendering;
        internal static void Begin(Camera camera) => beginCameraRendering?.Invoke(default(ScriptableRenderContext), camera);
    }

    // com.unity.render-pipelines.core@14.0/api/UnityEngine.Rendering.CommandBufferPool.html
    public static class CommandBufferPool
    {
        public static CommandBuffer Get(string name) => FakeEngine.Commands;
        public static void Release(CommandBuffer buffer) { }
    }

    // com.unity.render-pipelines.core@14.0/api/UnityEngine.Rendering.RTHandle.html
    public class RTHandle { public RenderTargetIdentifier nameID => default(RenderTargetIdentifier); }
}

namespace UnityEngine.Rendering.Universal
{
    // com.unity.render-pipelines.universal@14.0/api/UnityEngine.Rendering.Universal.RenderPassEvent.html
    public enum RenderPassEvent { BeforeRenderingPostProcessing = 550, AfterRenderingPostProcessing = 600, AfterRendering = 1000 }

    // com.unity.render-pipelines.universal@14.0/api/UnityEngine.Rendering.Universal.ScriptableRenderPassInput.html
    [Flags] public enum ScriptableRenderPassInput { None = 0, Depth = 1, Normal = 2, Color = 4, Motion = 8 }

    // com.unity.render-pipelines.universal@14.0/api/UnityEngine.Rendering.Universal.ScriptableRenderer.html
    public class ScriptableRenderer
    {
        public void EnqueuePass(ScriptableRenderPass pass) => FakeEngine.Enqueued = pass;
#if !UNITY_6000_4_OR_NEWER
        public RTHandle cameraColorTargetHandle => new RTHandle();
#endif
    }

#if !UNITY_6000_4_OR_NEWER
    // com.unity.render-pipelines.universal@14.0/api/UnityEngine.Rendering.Universal.CameraData.html
    public struct CameraData
    {
        public Camera camera;
        public ScriptableRenderer renderer;
        public RenderTextureDescriptor cameraTargetDescriptor;
        public Matrix4x4 GetProjectionMatrix(int viewIndex = 0) => camera.projectionMatrix;
    }

    // com.unity.render-pipelines.universal@14.0/api/UnityEngine.Rendering.Universal.RenderingData.html
    public struct RenderingData { public CameraData cameraData; }
#endif

    // com.unity.render-pipelines.universal@14.0/api/UnityEngine.Rendering.Universal.ScriptableRenderPass.html, @17.0, @17.4
    public abstract class ScriptableRenderPass
    {
        public RenderPassEvent renderPassEvent { get; set; }
        public void ConfigureInput(ScriptableRenderPassInput passInput) { }
#if UNITY_6000_0_OR_NEWER
        public bool requiresIntermediateTexture { get; set; }
        public virtual void RecordRenderGraph(RenderGraphModule.RenderGraph renderGraph, ContextContainer frameData) { }
#endif
#if UNITY_6000_0_OR_NEWER && !UNITY_6000_4_OR_NEWER
        [Obsolete("Compatibility mode")]
        public virtual void Execute(ScriptableRenderContext context, ref RenderingData renderingData) { }
#elif !UNITY_6000_0_OR_NEWER
        public abstract void Execute(ScriptableRenderContext context, ref RenderingData renderingData);
#endif
    }

    // com.unity.render-pipelines.universal@14.0/api/UnityEngine.Rendering.Universal.UniversalAdditionalCameraData.html
    public class UniversalAdditionalCameraData : MonoBehaviour { public ScriptableRenderer scriptableRenderer => new ScriptableRenderer(); }

    // com.unity.render-pipelines.universal@14.0/api/UnityEngine.Rendering.Universal.UniversalRenderPipelineAsset.html
    public class UniversalRenderPipelineAsset : RenderPipelineAsset { }

    // com.unity.render-pipelines.universal@14.0/api/UnityEngine.Rendering.Universal.CameraExtensions.html
    public static class CameraExtensions
    {
        public static UniversalAdditionalCameraData GetUniversalAdditionalCameraData(this Camera camera) => new UniversalAdditionalCameraData();
    }
}

#if UNITY_6000_0_OR_NEWER
namespace UnityEngine.Rendering
{
    // com.unity.render-pipelines.core@17.0/api/UnityEngine.Rendering.ContextContainer.html
    public class ContextContainer { public T Get<T>() where T : ContextItem, new() => new T(); }

    // com.unity.render-pipelines.core@17.0/api/UnityEngine.Rendering.ContextItem.html
    public abstract class ContextItem { public abstract void Reset(); }

    // com.unity.render-pipelines.core@17.0/api/UnityEngine.Rendering.UnsafeCommandBuffer.html
    public class UnsafeCommandBuffer { }

    // com.unity.render-pipelines.core@17.0/api/UnityEngine.Rendering.CommandBufferHelpers.html
    public struct CommandBufferHelpers { public static CommandBuffer GetNativeCommandBuffer(UnsafeCommandBuffer baseBuffer) => FakeEngine.Commands; }

    // com.unity.render-pipelines.core@17.0/api/UnityEngine.Rendering.MSAASamples.html
    public enum MSAASamples { None = 1, MSAA2x = 2, MSAA4x = 4, MSAA8x = 8 }
}

namespace UnityEngine.Rendering.RenderGraphModule
{
    // com.unity.render-pipelines.core@17.0/api/UnityEngine.Rendering.RenderGraphModule.AccessFlags.html
    [Flags] public enum AccessFlags { None = 0, Read = 1, Write = 2, ReadWrite = 3 }

    // com.unity.render-pipelines.core@17.0/api/UnityEngine.Rendering.RenderGraphModule.TextureHandle.html
    public struct TextureHandle
    {
        public bool IsValid() => true;
        public static implicit operator RenderTargetIdentifier(TextureHandle texture) => default(RenderTargetIdentifier);
    }

    // com.unity.render-pipelines.core@17.0/api/UnityEngine.Rendering.RenderGraphModule.TextureDesc.html
    public struct TextureDesc
    {
        public int width, height;
        public string name;
        public bool clearBuffer;
        public MSAASamples msaaSamples;
    }

    // com.unity.render-pipelines.core@17.0/api/UnityEngine.Rendering.RenderGraphModule.UnsafeGraphContext.html
    public class UnsafeGraphContext { public UnsafeCommandBuffer cmd; }

    // com.unity.render-pipelines.core@17.0/api/UnityEngine.Rendering.RenderGraphModule.BaseRenderFunc-2.html
    public delegate void BaseRenderFunc<PassData, ContextType>(PassData data, ContextType renderGraphContext) where PassData : class, new();

    // com.unity.render-pipelines.core@17.0/api/UnityEngine.Rendering.RenderGraphModule.IBaseRenderGraphBuilder.html
    public interface IBaseRenderGraphBuilder : IDisposable
    {
        void UseTexture(in TextureHandle input, AccessFlags flags = AccessFlags.Read);
        void AllowPassCulling(bool value);
        void AllowGlobalStateModification(bool value);
    }

    // com.unity.render-pipelines.core@17.0/api/UnityEngine.Rendering.RenderGraphModule.IUnsafeRenderGraphBuilder.html
    public interface IUnsafeRenderGraphBuilder : IBaseRenderGraphBuilder
    {
        void SetRenderFunc<PassData>(BaseRenderFunc<PassData, UnsafeGraphContext> renderFunc) where PassData : class, new();
    }

    // com.unity.render-pipelines.core@17.0/api/UnityEngine.Rendering.RenderGraphModule.RenderGraph.html
    public class RenderGraph
    {
        public TextureDesc GetTextureDesc(in TextureHandle texture) => new TextureDesc { width = FakeEngine.Width, height = FakeEngine.Height };
        public TextureHandle CreateTexture(in TextureDesc desc) => default(TextureHandle);
        public IUnsafeRenderGraphBuilder AddUnsafePass<PassData>(string passName, out PassData passData) where PassData : class, new()
        {
            passData = new PassData();
            return new FakeBuilder(passData);
        }

        // Runs the pass when its builder is left.
        sealed class FakeBuilder : IUnsafeRenderGraphBuilder
        {
            readonly object _data;
            Action _run;
            public FakeBuilder(object data) { _data = data; }
            public void UseTexture(in TextureHandle input, AccessFlags flags = AccessFlags.Read) { }
            public void AllowPassCulling(bool value) { }
            public void AllowGlobalStateModification(bool value) { }
            public void SetRenderFunc<PassData>(BaseRenderFunc<PassData, UnsafeGraphContext> renderFunc) where PassData : class, new()
                => _run = () => renderFunc((PassData)_data, new UnsafeGraphContext());
            public void Dispose() => _run();
        }
    }
}

namespace UnityEngine.Rendering.Universal
{
    // com.unity.render-pipelines.universal@17.0/api/UnityEngine.Rendering.Universal.UniversalResourceData.html
    public class UniversalResourceData : ContextItem
    {
        public override void Reset() { }
        public bool isActiveTargetBackBuffer => false;
        public RenderGraphModule.TextureHandle activeColorTexture => default(RenderGraphModule.TextureHandle);
        public RenderGraphModule.TextureHandle cameraColor { get; set; }
        public RenderGraphModule.TextureHandle cameraDepthTexture { get; set; }
        public RenderGraphModule.TextureHandle motionVectorColor { get; set; }
    }

    // com.unity.render-pipelines.universal@17.0/api/UnityEngine.Rendering.Universal.UniversalCameraData.html
    public class UniversalCameraData : ContextItem
    {
        public override void Reset() { }
        public Camera camera = (Camera)FakeEngine.Components[typeof(Camera)];
        public Matrix4x4 GetProjectionMatrix(int viewIndex = 0) => camera.projectionMatrix;
    }
}
#endif
#endif
