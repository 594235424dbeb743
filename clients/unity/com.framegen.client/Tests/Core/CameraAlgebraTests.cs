using System;
using FrameGen.Cameras;
using NUnit.Framework;

namespace FrameGen.Tests
{
    /// <summary>
    /// Holds the algebra of capture to what the rasteriser does: a point of Unity's world is drawn by Unity's matrices,
    /// and must come out where the protocol's matrices put it.
    /// </summary>
    public sealed class CameraAlgebraTests
    {
        const double Near = 0.3, Far = 500;

        readonly Random _random = new Random(7);

        static double[] Perspective(double shiftX, double shiftY)
        {
            var cot = 1 / Math.Tan(0.5);
            return new[]
            {
                cot / 1.7778, 0, shiftX, 0, 0, cot, shiftY, 0,
                0, 0, -(Far + Near) / (Far - Near), -2 * Far * Near / (Far - Near), 0, 0, -1, 0
            };
        }

        static double[] Orthographic(double shiftX, double shiftY)
            => new[] { 0.1, 0, 0, shiftX, 0, 0.2, 0, shiftY, 0, 0, -2 / (Far - Near), -(Far + Near) / (Far - Near), 0, 0, 0, 1 };

        // Unity's worldToCameraMatrix of a camera at a place, turned and tilted: the camera space has its z flipped.
        static double[] WorldToCamera(double x, double y, double z, double yaw, double pitch)
        {
            double cy = Math.Cos(yaw), sy = Math.Sin(yaw), cp = Math.Cos(pitch), sp = Math.Sin(pitch);
            double[] right = { cy, 0, -sy }, forward = { sy * cp, -sp, cy * cp };
            double[] up = { forward[1] * right[2] - forward[2] * right[1], forward[2] * right[0] - forward[0] * right[2], forward[0] * right[1] - forward[1] * right[0] };
            double[] at = { x, y, z };
            var m = new double[16];
            for (var i = 0; i < 3; i++)
            {
                m[i] = right[i];
                m[4 + i] = up[i];
                m[8 + i] = -forward[i];
                m[3] -= right[i] * at[i];
                m[7] -= up[i] * at[i];
                m[11] += forward[i] * at[i];
            }
            m[15] = 1;
            return m;
        }

        static double[] Times(double[] m, params double[] v)
        {
            var result = new double[4];
            for (var row = 0; row < 4; row++)
                for (var i = 0; i < 4; i++) result[row] += m[4 * row + i] * v[i];
            return result;
        }

        double Between(double low, double high) => low + (high - low) * _random.NextDouble();

        [TestCase(true, 1.0)]
        [TestCase(true, 0.01)]
        [TestCase(false, 1.0)]
        [TestCase(false, 2.5)]
        public void APointIsSeenWhereUnityDrawsIt(bool perspective, double metresPerUnit)
        {
            var projection = perspective ? Perspective(0.02, -0.03) : Orthographic(0.1, 0.2);
            double[] view = new double[16], clip = new double[16];
            for (var round = 0; round < 500; round++)
            {
                var camera = WorldToCamera(Between(-50, 50), Between(-5, 5), Between(-50, 50), Between(-3, 3), Between(-1, 1));
                CameraAlgebra.ViewFromWorld(camera, metresPerUnit, view);
                CameraAlgebra.ClipFromView(projection, metresPerUnit, clip);
                double x = Between(-60, 60), y = Between(-10, 10), z = Between(-60, 60);
                var inUnity = Times(camera, x, y, z, 1);
                var drawn = Times(projection, inUnity);
                // On the wire: metres, and z the other way round.
                var seen = Times(view, x * metresPerUnit, y * metresPerUnit, -z * metresPerUnit, 1);
                Assert.AreEqual(inUnity[2] * metresPerUnit, seen[2], 1e-9, "depth");
                var sent = Times(clip, seen);
                for (var i = 0; i < 3; i++) Assert.AreEqual(drawn[i] / drawn[3], sent[i] / sent[3], 1e-9, "ndc " + i);
            }
            Assert.AreEqual(perspective ? -1.0 : 0.0, clip[14], 1e-12);
        }

        [Test]
        public void WhatIsToTheRightComesOutOnTheRight()
        {
            // Unity: a camera at the origin looks along +z, +x is on its right.
            double[] view = new double[16], clip = new double[16];
            CameraAlgebra.ViewFromWorld(WorldToCamera(0, 0, 0, 0, 0), 1, view);
            CameraAlgebra.ClipFromView(Perspective(0, 0), 1, clip);
            var sent = Times(clip, Times(view, 1, 2, -5, 1));
            Assert.IsTrue(sent[0] / sent[3] > 0 && sent[1] / sent[3] > 0);
            Assert.AreEqual(5.0, sent[3], 1e-12, "five metres ahead");
        }

        [TestCase(true, true)]
        [TestCase(true, false)]
        [TestCase(false, true)]
        [TestCase(false, false)]
        public void TheBuffersDepthBecomesMetres(bool perspective, bool reversed)
        {
            var projection = perspective ? Perspective(0, 0) : Orthographic(0, 0);
            var numbers = new double[4];
            CameraAlgebra.DepthFromBuffer(Near, Far, !perspective, reversed, 0.01, numbers);
            foreach (var depth in new[] { Near, 0.5, 3, 77, 499, Far })
            {
                var clip = Times(projection, 0, 0, -depth, 1);
                var ndc = clip[2] / clip[3];
                // What GL.GetGPUProjectionMatrix makes of it: 1..0 where Z is reversed, else 0..1 in a depth texture.
                var value = reversed ? 0.5 - 0.5 * ndc : 0.5 + 0.5 * ndc;
                Assert.AreEqual(depth * 0.01, (numbers[0] + numbers[1] * value) / (numbers[2] + numbers[3] * value), 1e-9);
            }
        }

        [Test]
        public void ACameraThatStepsBackDrawsTheSamePicture()
        {
            const double Step = 30;
            double[] view = new double[16], clip = new double[16], numbers = new double[4];
            CameraAlgebra.ViewFromWorld(WorldToCamera(3, 1, -2, 0.7, 0.3), 2.5, view);
            CameraAlgebra.ClipFromView(Orthographic(0.1, 0.2), 2.5, clip);
            CameraAlgebra.DepthFromBuffer(Near, Far, true, true, 2.5, numbers);
            var before = Times(clip, Times(view, 4, 5, 6, 1));
            var depth = -Times(view, 4, 5, 6, 1)[2];
            CameraAlgebra.StepBack(Step, view, clip, numbers);
            var seen = Times(view, 4, 5, 6, 1);
            var after = Times(clip, seen);
            for (var i = 0; i < 4; i++) Assert.AreEqual(before[i], after[i], 1e-9, "clip " + i);
            Assert.AreEqual(depth + Step, -seen[2], 1e-9, "depth");
            Assert.AreEqual(-seen[2], numbers[0] + numbers[1] * (0.5 - 0.5 * after[2]), 1e-9, "depth of the buffer");
        }

        [Test]
        public void FarDepthSurvivesFloat32()
        {
            var numbers = new double[4];
            CameraAlgebra.DepthFromBuffer(0.05, 10000, false, true, 1, numbers);
            const double Depth = 8000;
            var value = (float)((0.05 * 10000 / Depth - 0.05) / (10000 - 0.05)); // as a float32 reversed buffer holds it
            var metres = ((float)numbers[0] + (float)numbers[1] * value) / ((float)numbers[2] + (float)numbers[3] * value);
            Assert.AreEqual(Depth, metres, 0.01);
        }

        [TestCase(true)]
        [TestCase(false)]
        public void JitterMovesThePictureAsItSays(bool perspective)
        {
            const int Width = 640, Height = 360;
            double jitterX = 0.3, jitterY = -0.4; // pixels, y down
            var clean = perspective ? Perspective(0.1, 0.05) : Orthographic(0.1, 0.05);
            // CONVENTIONS.md: jittered clip_from_view = translate(2 x / W, −2 y / H, 0) · clip_from_view.
            double[] shift = { 1, 0, 0, 2 * jitterX / Width, 0, 1, 0, -2 * jitterY / Height, 0, 0, 1, 0, 0, 0, 0, 1 };
            double[] drawn = new double[16], jitter = new double[2];
            CameraAlgebra.Multiply(shift, clean, drawn);
            CameraAlgebra.JitterPx(drawn, clean, Width, Height, jitter);
            Assert.AreEqual(jitterX, jitter[0], 1e-12);
            Assert.AreEqual(jitterY, jitter[1], 1e-12);
        }

        [Test]
        public void APointOfNowIsFoundThen()
        {
            double[] then = new double[16], now = new double[16], both = new double[16];
            for (var round = 0; round < 200; round++)
            {
                CameraAlgebra.ViewFromWorld(WorldToCamera(Between(-4000, 4000), 2, Between(-4000, 4000), Between(-3, 3), Between(-1, 1)), 1, then);
                CameraAlgebra.ViewFromWorld(WorldToCamera(Between(-4000, 4000), 2, Between(-4000, 4000), Between(-3, 3), Between(-1, 1)), 1, now);
                CameraAlgebra.ThenFromNow(then, now, both);
                double[] world = { Between(-4000, 4000), Between(-10, 10), Between(-4000, 4000), 1 };
                double[] wanted = Times(then, world), found = Times(both, Times(now, world));
                for (var i = 0; i < 3; i++) Assert.AreEqual(wanted[i], found[i], 1e-8);
            }
        }

        [Test]
        public void CutsAreFoundAndWalkingIsNone()
        {
            double[] before = new double[16], now = new double[16];
            CameraAlgebra.ViewFromWorld(WorldToCamera(3, 2, 1, 0.5, 0), 1, before);
            CameraAlgebra.ViewFromWorld(WorldToCamera(3.2, 2, 1.1, 0.7, 0.1), 1, now);
            Assert.IsFalse(CameraAlgebra.IsCut(before, now, 5));
            CameraAlgebra.ViewFromWorld(WorldToCamera(9.2, 2, 1, 0.5, 0), 1, now);
            Assert.IsTrue(CameraAlgebra.IsCut(before, now, 5));
            CameraAlgebra.ViewFromWorld(WorldToCamera(3, 2, 1, 2.5, 0), 1, now);
            Assert.IsTrue(CameraAlgebra.IsCut(before, now, 5));
        }
    }
}
