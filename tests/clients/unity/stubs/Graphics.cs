using System;
using Unity.Collections;
using UnityEngine.Rendering;

namespace UnityEngine
{
    // ScriptReference/Camera.html
    public sealed class Camera : Behaviour
    {
        public Matrix4x4 worldToCameraMatrix { get; set; }
        public Matrix4x4 projectionMatrix { get; set; }
        public Matrix4x4 nonJitteredProjectionMatrix { get; set; }
        public float nearClipPlane { get; set; }
        public float farClipPlane { get; set; }
        public bool orthographic { get; set; }
        public DepthTextureMode depthTextureMode { get; set; }
    }

    // ScriptReference/DepthTextureMode.html
    [Flags] public enum DepthTextureMode { None = 0, Depth = 1, DepthNormals = 2, MotionVectors = 4 }

    // ScriptReference/ColorSpace.html
    public enum ColorSpace { Uninitialized = -1, Gamma = 0, Linear = 1 }

    // ScriptReference/QualitySettings.html
    public sealed class QualitySettings { public static ColorSpace activeColorSpace => ColorSpace.Linear; }

    // ScriptReference/SystemInfo.html
    public sealed class SystemInfo
    {
        public static bool supportsComputeShaders => true;
        public static bool supportsAsyncGPUReadback => true;
        public static bool usesReversedZBuffer => true;
        public static bool graphicsUVStartsAtTop => true;
    }

    // ScriptReference/Texture.html
    public class Texture : Object
    {
        public virtual int width { get; set; }
        public virtual int height { get; set; }
        public FilterMode filterMode { get; set; }
        public TextureWrapMode wrapMode { get; set; }
    }

    // ScriptReference/FilterMode.html
    public enum FilterMode { Point, Bilinear, Trilinear }

    // ScriptReference/TextureWrapMode.html
    public enum TextureWrapMode { Repeat, Clamp, Mirror, MirrorOnce }

    // ScriptReference/TextureFormat.html
    public enum TextureFormat { RGB24 = 3, RGBA32 = 4, RGBAHalf = 17 }

    // ScriptReference/Texture2D.html
    public sealed class Texture2D : Texture
    {
        readonly byte[] _raw;
        public Texture2D(int width, int height, TextureFormat textureFormat, bool mipChain) : this(width, height, textureFormat, mipChain, false) { }
        public Texture2D(int width, int height, TextureFormat textureFormat, bool mipChain, bool linear)
        {
            this.width = width;
            this.height = height;
            _raw = new byte[width * height * (textureFormat == TextureFormat.RGBAHalf ? 8 : 4)];
            FakeEngine.Made(this);
        }
        public TextureFormat format => TextureFormat.RGBA32;
        public NativeArray<T> GetRawTextureData<T>() where T : struct => new NativeArray<T>((T[])(object)_raw);
        public Color32[] GetPixels32()
        {
            var colors = new Color32[width * height];
            for (var i = 0; i < colors.Length; i++) colors[i] = new Color32(_raw[4 * i], _raw[4 * i + 1], _raw[4 * i + 2], _raw[4 * i + 3]);
            return colors;
        }
        public void SetPixels32(Color32[] colors) => SetPixels32(0, 0, width, height, colors);
        public void SetPixels32(int x, int y, int blockWidth, int blockHeight, Color32[] colors)
        {
            for (var i = 0; i < colors.Length; i++)
            {
                var at = 4 * ((y + i / blockWidth) * width + x + i % blockWidth);
                _raw[at] = colors[i].r;
                _raw[at + 1] = colors[i].g;
                _raw[at + 2] = colors[i].b;
                _raw[at + 3] = colors[i].a;
            }
        }
        public void Apply(bool updateMipmaps = true, bool makeNoLongerReadable = false) { }
    }

    // ScriptReference/ImageConversion.html
    public static class ImageConversion
    {
        public static bool LoadImage(this Texture2D tex, byte[] data, bool markNonReadable)
        {
            FakeEngine.Jpeg = data;
            // Not decoded: each row of the texture says where it lies, 0 at v = 0, where the picture's last row is.
            var rows = new Color32[tex.width * tex.height];
            for (var i = 0; i < rows.Length; i++) rows[i] = new Color32((byte)(i / tex.width), 0, 0, 255);
            tex.SetPixels32(rows);
            return true;
        }
        public static byte[] EncodeToPNG(this Texture2D tex) => null;
    }

    // ScriptReference/RenderTextureFormat.html
    public enum RenderTextureFormat { ARGB32 = 0, Depth = 1, ARGBHalf = 2, ARGBFloat = 11 }

    // ScriptReference/RenderTextureReadWrite.html
    public enum RenderTextureReadWrite { Default, Linear, sRGB }

    // ScriptReference/RenderTexture.html
    public class RenderTexture : Texture
    {
        public RenderTexture(int width, int height, int depth, RenderTextureFormat format) : this(width, height, depth, format, RenderTextureReadWrite.Default) { }
        public RenderTexture(int width, int height, int depth, RenderTextureFormat format, RenderTextureReadWrite readWrite)
        {
            this.width = width;
            this.height = height;
            this.format = format;
            FakeEngine.Made(this);
        }
        public RenderTextureFormat format { get; set; }
        public bool Create() => false;
    }

    // ScriptReference/RenderTextureDescriptor.html
    public struct RenderTextureDescriptor
    {
        public int width { get; set; }
        public int height { get; set; }
        public int depthBufferBits { get; set; }
        public int msaaSamples { get; set; }
    }

    // ScriptReference/Shader.html
    public sealed class Shader : Object
    {
        public static int PropertyToID(string name)
        {
            if (!FakeEngine.ShaderNames.Contains(name)) FakeEngine.ShaderNames.Add(name);
            return FakeEngine.ShaderNames.IndexOf(name);
        }
        public bool isSupported => false;
    }

    // ScriptReference/Material.html
    public class Material : Object
    {
        public Material(Shader shader) { FakeEngine.Made(this); }
        public Color color { get; set; }
    }

    // ScriptReference/ComputeShader.html
    public sealed class ComputeShader : Object
    {
        public int FindKernel(string name) => 0;
        public bool HasKernel(string name) => false;
    }

    // ScriptReference/MeshTopology.html
    public enum MeshTopology { Triangles = 0, Quads = 2, Lines = 3 }

    // ScriptReference/Graphics.html
    public class Graphics
    {
        public static void Blit(Texture source, RenderTexture dest) { }
        public static void ExecuteCommandBuffer(CommandBuffer buffer) => buffer.Execute();
    }

    // ScriptReference/GraphicsBuffer.html
    public sealed class GraphicsBuffer : IDisposable
    {
        [Flags] public enum Target { Vertex = 1, Index = 2, Structured = 16, Raw = 32 }
        internal readonly int Bytes;
        public GraphicsBuffer(Target target, int count, int stride)
        {
            Bytes = count * stride;
            FakeEngine.Alive.Add(this);
        }
        public void Dispose() => FakeEngine.Alive.Remove(this);
    }
}

namespace UnityEngine.Rendering
{
    // ScriptReference/Rendering.RenderTargetIdentifier.html
    public struct RenderTargetIdentifier
    {
        public RenderTargetIdentifier(int nameID) { }
        public static implicit operator RenderTargetIdentifier(Texture tex) => default(RenderTargetIdentifier);
        public static implicit operator RenderTargetIdentifier(int nameID) => default(RenderTargetIdentifier);
    }

    // ScriptReference/Rendering.AsyncGPUReadbackRequest.html
    public struct AsyncGPUReadbackRequest { public bool hasError => false; }

    // ScriptReference/Rendering.AsyncGPUReadback.html
    public static class AsyncGPUReadback { public static void WaitAllRequests() => FakeEngine.FinishReadbacks(); }

    // ScriptReference/Rendering.GraphicsSettings.html
    public sealed class GraphicsSettings : Object { public static RenderPipelineAsset currentRenderPipeline { get; set; } }

    // ScriptReference/Rendering.RenderPipelineAsset.html
    public abstract class RenderPipelineAsset : ScriptableObject { public virtual Material defaultMaterial => null; }

    // ScriptReference/Rendering.CommandBuffer.html, and the page of each method below it
    public class CommandBuffer : IDisposable
    {
        readonly System.Collections.Generic.List<Action> _recorded = new System.Collections.Generic.List<Action>();
        public CommandBuffer() { FakeEngine.Alive.Add(this); }
        public string name { get; set; }
        public void Clear() => _recorded.Clear();
        public void Dispose() => FakeEngine.Alive.Remove(this);
        internal void Execute()
        {
            foreach (var action in _recorded) action();
            _recorded.Clear();
        }
        public void SetRenderTarget(RenderTargetIdentifier rt) { }
        public void SetRenderTarget(RenderTargetIdentifier[] colors, RenderTargetIdentifier depth) { }
        public void ClearRenderTarget(bool clearDepth, bool clearColor, Color backgroundColor) { }
        public void SetGlobalTexture(int nameID, RenderTargetIdentifier value) { }
        public void SetGlobalVector(int nameID, Vector4 value) => _recorded.Add(() => FakeEngine.Vectors[nameID] = value);
        public void SetGlobalMatrix(int nameID, Matrix4x4 value) { }
        public void DrawProcedural(Matrix4x4 matrix, Material material, int shaderPass, MeshTopology topology, int vertexCount) => _recorded.Add(() => FakeEngine.Draws++);
        public void DrawRenderer(Renderer renderer, Material material, int submeshIndex, int shaderPass) => _recorded.Add(() =>
        {
            FakeEngine.RendererDraws++;
            FakeEngine.DrawnParts.Add(new FakeEngine.Drawn { Renderer = renderer, Part = submeshIndex, Tag = FakeEngine.Vectors[Shader.PropertyToID("_FrameGenTag")] });
        });
        public void SetComputeTextureParam(ComputeShader computeShader, int kernelIndex, int nameID, RenderTargetIdentifier rt) { }
        public void SetComputeBufferParam(ComputeShader computeShader, int kernelIndex, int nameID, GraphicsBuffer buffer) { }
        public void SetComputeVectorParam(ComputeShader computeShader, int nameID, Vector4 val) { }
        public void DispatchCompute(ComputeShader computeShader, int kernelIndex, int threadGroupsX, int threadGroupsY, int threadGroupsZ) { }
        public void RequestAsyncReadbackIntoNativeArray<T>(ref NativeArray<T> output, GraphicsBuffer src, Action<AsyncGPUReadbackRequest> callback) where T : struct
        {
            if (output.Length != src.Bytes) throw new ArgumentException("the sizes of a readback differ"); // as the engine does
            var target = (byte[])(object)output.Backing;
            _recorded.Add(() => FakeEngine.Readbacks.Enqueue(() =>
            {
                for (var i = 0; i < target.Length; i++) target[i] = FakeEngine.ReadbackValue;
                callback(new AsyncGPUReadbackRequest());
            }));
        }
        public void GetTemporaryRT(int nameID, RenderTextureDescriptor desc, FilterMode filter) { }
        public void ReleaseTemporaryRT(int nameID) { }
    }
}
