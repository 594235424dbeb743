using System;
using FrameGen.Cameras;
using FrameGen.Client;
using FrameGen.Protocol;
using UnityEngine;
using UnityEngine.Rendering;

namespace FrameGen
{
    /// <summary>What is done with one rendered frame: decided when its commands are recorded.</summary>
    struct FramePlan
    {
        /// <summary>Where the frame is captured into; null: this frame is not sent.</summary>
        public CaptureSlot Capture;
        /// <summary>Whether the picture is exchanged.</summary>
        public bool Compose;

        public bool IsEmpty => Capture == null && !Compose;
    }

    public sealed partial class FrameGenCamera
    {
        // A result fades to the plain picture from 250 to 400 ms (FramegenCommon.hlsl); after that nothing is drawn.
        const float FadedMs = 400;
        const double JumpM = 5;
        const int MaxPending = 3;
        const ulong FirstMotionFrame = 4; // pipelines begin to write motion a frame or two after they are asked for it

        /// <summary>Called once for every frame that the camera renders, on the main thread.</summary>
        /// <param name="width">Of the camera's picture, pixels.</param>
        /// <param name="height">Of the camera's picture, pixels.</param>
        /// <param name="drawn">The projection that it is drawn with, jitter included.</param>
        /// <param name="hasMotion">Whether the pipeline wrote motion vectors, as far as it says.</param>
        internal FramePlan Plan(int width, int height, Matrix4x4 drawn, bool hasMotion)
        {
            _frameId++; // of every frame rendered, sent or not
            var plan = new FramePlan();
            if (_link == null || width < 4 || height < 4) return plan;
            FitPool(width, height);
            _pose.Read(_camera, drawn, _pool.Width, _pool.Height, _metresPerUnit);
            if (_hasView && CameraAlgebra.IsCut(_lastView, _pose.ViewFromWorld, JumpM)) _cut = true;
            _pose.ViewFromWorld.CopyTo(_lastView, 0);
            _hasView = true;
            if (_link.WantsFrame && _pool.Pending < MaxPending) plan.Capture = _pool.Take(_shownSlot);
            if (plan.Capture != null) Fill(plan.Capture, hasMotion && _motionVectors && _frameId - _enabledAt >= FirstMotionFrame);
            plan.Compose = _display != DisplayMode.Plain && _shown.Texture != null && AgeMs < FadedMs && Status.IsConnected;
            return plan;
        }

        internal void Record(CommandBuffer commands, FramePlan plan, CameraPicture picture, RenderTargetIdentifier target)
        {
            if (plan.Capture != null) _recorder.Record(commands, picture, plan.Capture, _pool, _tags);
            if (!plan.Compose) return;
            var captured = _lateReprojection ? _shownSlot : null;
            _composer.Record(commands, picture, target, _pose, _shown, captured, _display == DisplayMode.Split ? _split : 0, AgeMs);
        }

        internal void Copy(CommandBuffer commands, RenderTargetIdentifier source, RenderTargetIdentifier target)
            => _composer.Copy(commands, source, target);

        internal void Complain(string message) => Status.Complain(message);

        float AgeMs => Status.OverdueMs(MonotonicClock.NowNs);

        // The picture is never stretched: the height follows from the camera's shape.
        void FitPool(int pictureWidth, int pictureHeight)
        {
            var width = Mathf.Clamp(_width, 128, 1920) / 4 * 4;
            var height = Mathf.Max(2, Mathf.RoundToInt(0.5f * width * pictureHeight / pictureWidth) * 2);
            if (_pool != null && _pool.Width == width && _pool.Height == height) return;
            if (_pool != null) _pool.Dispose();
            _shownSlot = null;
            _pool = new CapturePool(width, height, Send);
            Status.Width = width;
            Status.Height = height;
        }

        // Everything of the frame but its pixels, now: the readback arrives frames later.
        void Fill(CaptureSlot slot, bool hasMotion)
        {
            var frame = slot.Frame;
            frame.Clear();
            frame.Id = _frameId;
            frame.TimestampNs = MonotonicClock.NowNs;
            frame.Width = _pool.Width;
            frame.Height = _pool.Height;
            _pose.CopyTo(slot.Pose);
            frame.HasCamera = true;
            _pose.ViewFromWorld.CopyTo(frame.ViewFromWorld, 0);
            _pose.ClipFromView.CopyTo(frame.ClipFromView, 0);
            frame.NearM = _pose.NearM;
            frame.FarM = _pose.FarM;
            _pose.JitterPx.CopyTo(frame.JitterPx, 0);
            frame.ColorResolved = _pose.JitterPx[0] != 0 || _pose.JitterPx[1] != 0; // colour is taken after the anti-aliasing
            frame.Reset = _cut;
            _cut = false;
            frame.HasLight = SunDirection.Read(SunLight, frame.LightDirection);
            // The vectors point to the frame rendered before, which was perhaps not sent.
            slot.HasMotion = hasMotion;
            frame.HasMotionFrom = hasMotion;
            frame.MotionFromFrameId = _frameId - 1;
            slot.HasTags = _tags.Any;
            slot.HasMasks = _tags.HasMasks;
            slot.IsReading = true;
        }

        void Send(CaptureSlot slot)
        {
            if (_link == null) return;
            FrameLayout.AddPlanes(slot.Frame, slot.Bytes, slot.HasMotion, slot.HasTags, slot.HasMasks);
            slot.BeginSending();
            _link.Offer(slot.Frame);
        }
    }
}
