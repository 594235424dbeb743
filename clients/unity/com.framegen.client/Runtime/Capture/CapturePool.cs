using System;
using UnityEngine;
using UnityEngine.Rendering;

namespace FrameGen
{
    /// <summary>
    /// Slots of one size that are used in turn, the oldest first, so that the textures of a frame stay as long as
    /// possible: its result needs them. When none is free the frame is skipped, never waited for.
    /// </summary>
    sealed class CapturePool : IDisposable
    {
        const int SlotCount = 6;

        public readonly int Width, Height;
        /// <summary>What the packing shader writes into. One is enough: the GPU copies it out before it packs again.</summary>
        public readonly GraphicsBuffer Buffer;

        readonly CaptureSlot[] _slots = new CaptureSlot[SlotCount];
        readonly Action<CaptureSlot> _onFrame;
        bool _disposed;

        /// <param name="width">A multiple of four.</param>
        /// <param name="height">Pixels.</param>
        /// <param name="onFrame">Gets a slot on the main thread when its bytes are there.</param>
        public CapturePool(int width, int height, Action<CaptureSlot> onFrame)
        {
            Width = width;
            Height = height;
            _onFrame = onFrame;
            Buffer = new GraphicsBuffer(GraphicsBuffer.Target.Raw, width * height * FrameLayout.MaxPixelBytes / 4, 4);
            for (var i = 0; i < SlotCount; i++) _slots[i] = new CaptureSlot(width, height, OnReadback);
        }

        /// <summary>Frames on their way from the GPU to the network.</summary>
        public int Pending
        {
            get
            {
                var pending = 0;
                foreach (var slot in _slots)
                    if (!slot.IsFree) pending++;
                return pending;
            }
        }

        /// <summary>The oldest slot that is free and is not <paramref name="shown"/>; null where there is none.</summary>
        public CaptureSlot Take(CaptureSlot shown)
        {
            CaptureSlot oldest = null;
            foreach (var slot in _slots)
                if (slot.IsFree && slot != shown && (oldest == null || slot.Frame.Id < oldest.Frame.Id)) oldest = slot;
            return oldest;
        }

        /// <summary>The slot of a frame, while it still has its textures; else null.</summary>
        public CaptureSlot Find(ulong frameId)
        {
            foreach (var slot in _slots)
                if (slot.Frame.Id == frameId) return slot;
            return null;
        }

        void OnReadback(CaptureSlot slot, AsyncGPUReadbackRequest request)
        {
            slot.IsReading = false;
            if (_disposed || request.hasError) return;
            var bytes = slot.Frame.Width * slot.Frame.Height * FrameLayout.PixelBytes(slot.HasMotion, slot.HasTags, slot.HasMasks);
            Unity.Collections.NativeArray<byte>.Copy(slot.Native, 0, slot.Bytes, 0, bytes);
            _onFrame(slot);
        }

        public void Dispose()
        {
            if (_disposed) return;
            _disposed = true;
            AsyncGPUReadback.WaitAllRequests(); // the native memory must outlive what writes into it
            foreach (var slot in _slots) slot.Dispose();
            Buffer.Dispose();
        }
    }
}
