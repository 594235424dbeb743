using System;
using System.Threading;
using FrameGen.Client;
using FrameGen.Protocol;
using Unity.Collections;
using UnityEngine;
using UnityEngine.Rendering;

namespace FrameGen
{
    /// <summary>
    /// One captured frame: its textures on the GPU, its bytes on the way to the server, and the camera of the moment it
    /// was recorded, because the readback arrives frames later and the result later still.
    /// </summary>
    sealed class CaptureSlot : IDisposable
    {
        public readonly Frame Frame = new Frame();
        public readonly CameraPose Pose = new CameraPose();
        public readonly RenderTexture Color, Geometry, Tags;
        public readonly byte[] Bytes;
        public readonly Action<AsyncGPUReadbackRequest> OnReadback;
        public NativeArray<byte> Native;
        public bool HasMotion, HasTags, HasMasks, IsReading;
        int _isSending;

        public CaptureSlot(int width, int height, Action<CaptureSlot, AsyncGPUReadbackRequest> onReadback)
        {
            Color = Texture(width, height, 0, RenderTextureFormat.ARGB32);
            Geometry = Texture(width, height, 0, RenderTextureFormat.ARGBFloat);
            Tags = Texture(width, height, 24, RenderTextureFormat.ARGB32);
            var bytes = width * height * FrameLayout.MaxPixelBytes;
            Bytes = new byte[bytes];
            Native = new NativeArray<byte>(bytes, Allocator.Persistent, NativeArrayOptions.UninitializedMemory);
            OnReadback = request => onReadback(this, request); // one closure a slot, none a frame
            Frame.Released = _ => Interlocked.Exchange(ref _isSending, 0); // on any thread
        }

        /// <summary>Whether nobody reads or writes it, on the GPU or on the network.</summary>
        public bool IsFree => !(IsReading && !IsForgotten) && !IsSending;

        // Commands that were recorded and never run (a camera switched off in between) are never read back.
        bool IsForgotten => MonotonicClock.NowNs - Frame.TimestampNs > 5000000000;

        public bool IsSending => Volatile.Read(ref _isSending) != 0;

        public void BeginSending() => Interlocked.Exchange(ref _isSending, 1);

        /// <summary>The textures and the native memory; only after all readbacks are over.</summary>
        public void Dispose()
        {
            Native.Dispose();
            UnityEngine.Object.Destroy(Color);
            UnityEngine.Object.Destroy(Geometry);
            UnityEngine.Object.Destroy(Tags);
        }

        static RenderTexture Texture(int width, int height, int depthBits, RenderTextureFormat format)
        {
            var texture = new RenderTexture(width, height, depthBits, format, RenderTextureReadWrite.Linear)
            {
                name = "FrameGen capture", filterMode = FilterMode.Point, wrapMode = TextureWrapMode.Clamp, hideFlags = HideFlags.HideAndDontSave
            };
            texture.Create();
            return texture;
        }
    }
}
