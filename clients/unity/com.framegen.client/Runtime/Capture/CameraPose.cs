using FrameGen.Cameras;
using UnityEngine;

namespace FrameGen
{
    /// <summary>A camera when a frame is recorded, in the protocol's conventions. Filled again every frame.</summary>
    sealed class CameraPose
    {
        public readonly double[] ViewFromWorld = new double[16];
        public readonly double[] ClipFromView = new double[16];
        public readonly double[] JitterPx = new double[2];
        public Vector4 DepthFromBuffer;
        public double NearM, FarM;
        /// <summary>How far behind Unity's camera this one stands.</summary>
        public double StepM;
        public double MetresPerUnit;

        const double LeastNearM = 0.01;

        readonly double[] _unity = new double[16];
        readonly double[] _clean = new double[16];
        readonly double[] _four = new double[4];

        /// <param name="camera">The camera.</param>
        /// <param name="drawn">The projection that the pipeline draws with, jitter included.</param>
        /// <param name="width">Of the picture that is sent, pixels.</param>
        /// <param name="height">Of the picture that is sent, pixels.</param>
        /// <param name="metresPerUnit">Length of one unit of the world.</param>
        public void Read(Camera camera, Matrix4x4 drawn, int width, int height, double metresPerUnit)
        {
            ToRows(camera.worldToCameraMatrix, _unity);
            CameraAlgebra.ViewFromWorld(_unity, metresPerUnit, ViewFromWorld);
            ToRows(camera.nonJitteredProjectionMatrix, _clean);
            CameraAlgebra.ClipFromView(_clean, metresPerUnit, ClipFromView);
            ToRows(drawn, _unity);
            CameraAlgebra.JitterPx(_unity, _clean, width, height, JitterPx);
            CameraAlgebra.DepthFromBuffer(camera.nearClipPlane, camera.farClipPlane, camera.orthographic, SystemInfo.usesReversedZBuffer, metresPerUnit, _four);
            MetresPerUnit = metresPerUnit;
            // The near plane of an orthographic camera may lie behind it.
            StepM = camera.orthographic ? System.Math.Max(LeastNearM - camera.nearClipPlane * metresPerUnit, 0) : 0;
            CameraAlgebra.StepBack(StepM, ViewFromWorld, ClipFromView, _four);
            DepthFromBuffer = new Vector4((float)_four[0], (float)_four[1], (float)_four[2], (float)_four[3]);
            NearM = camera.nearClipPlane * metresPerUnit + StepM;
            FarM = camera.farClipPlane * metresPerUnit + StepM;
        }

        public void CopyTo(CameraPose other)
        {
            ViewFromWorld.CopyTo(other.ViewFromWorld, 0);
            ClipFromView.CopyTo(other.ClipFromView, 0);
            JitterPx.CopyTo(other.JitterPx, 0);
            other.DepthFromBuffer = DepthFromBuffer;
            other.NearM = NearM;
            other.FarM = FarM;
            other.StepM = StepM;
            other.MetresPerUnit = MetresPerUnit;
        }

        public static void ToRows(Matrix4x4 matrix, double[] rows)
        {
            for (var row = 0; row < 4; row++)
                for (var column = 0; column < 4; column++) rows[4 * row + column] = matrix[row, column];
        }

        public static Matrix4x4 FromRows(double[] rows)
        {
            var matrix = new Matrix4x4();
            for (var row = 0; row < 4; row++)
                for (var column = 0; column < 4; column++) matrix[row, column] = (float)rows[4 * row + column];
            return matrix;
        }
    }
}
