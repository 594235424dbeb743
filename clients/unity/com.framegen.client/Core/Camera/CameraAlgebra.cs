using System;

namespace FrameGen.Cameras
{
    /// <summary>
    /// From an engine camera's matrices to the protocol's (CONVENTIONS.md, "The world and the camera"). Matrices are 16
    /// numbers, row-major, for column vectors, in double precision. Unity's world is left-handed with +Y up; its
    /// cameras look along their −Z and their projections are OpenGL's.
    /// </summary>
    public static class CameraAlgebra
    {
        /// <summary>
        /// Unity's worldToCameraMatrix to <c>view_from_world</c>: the world's z changes its sign, lengths become metres.
        /// </summary>
        public static void ViewFromWorld(double[] worldToCamera, double metresPerUnit, double[] into)
        {
            for (var row = 0; row < 4; row++)
            {
                into[4 * row] = worldToCamera[4 * row];
                into[4 * row + 1] = worldToCamera[4 * row + 1];
                into[4 * row + 2] = -worldToCamera[4 * row + 2];
                into[4 * row + 3] = worldToCamera[4 * row + 3] * (row < 3 ? metresPerUnit : 1);
            }
        }

        /// <summary>
        /// Unity's nonJitteredProjectionMatrix, of view space in units, to <c>clip_from_view</c> of metres. Scaled such
        /// that a perspective matrix keeps its last row of (0, 0, −1, 0).
        /// </summary>
        public static void ClipFromView(double[] projection, double metresPerUnit, double[] into)
        {
            var isPerspective = projection[15] == 0;
            for (var row = 0; row < 4; row++)
                for (var column = 0; column < 4; column++)
                {
                    var value = projection[4 * row + column] / (column < 3 ? metresPerUnit : 1);
                    into[4 * row + column] = isPerspective ? value * metresPerUnit : value;
                }
        }

        /// <summary>
        /// Pixels, x right and y down, by which the picture of <paramref name="drawn"/> is shifted against that of
        /// <paramref name="clean"/>; both are projections of one camera.
        /// </summary>
        public static void JitterPx(double[] drawn, double[] clean, int width, int height, double[] into)
        {
            var isPerspective = clean[15] == 0;
            // In perspective w is −z, so that a shift in the z column comes out with its sign changed.
            var right = isPerspective ? clean[2] - drawn[2] : drawn[3] - clean[3];
            var up = isPerspective ? clean[6] - drawn[6] : drawn[7] - clean[7];
            into[0] = 0.5 * width * right;
            into[1] = -0.5 * height * up;
        }

        /// <summary>
        /// Four numbers (a, b, c, d) by which a depth buffer's value v becomes metres: (a + b·v) / (c + d·v). Made from
        /// the clip distances and not from the matrix, whose float32 z row has lost the digits that matter far away.
        /// </summary>
        public static void DepthFromBuffer(double near, double far, bool orthographic, bool reversed, double metresPerUnit, double[] into)
        {
            var range = far - near;
            if (orthographic)
            {
                into[0] = (reversed ? far : near) * metresPerUnit;
                into[1] = (reversed ? -range : range) * metresPerUnit;
                into[2] = 1;
                into[3] = 0;
                return;
            }
            into[0] = near * far * metresPerUnit;
            into[1] = 0;
            into[2] = reversed ? near : far;
            into[3] = reversed ? range : -range;
        }

        /// <summary>
        /// Moves an orthographic camera back along its axis, which changes nothing of its picture: engines let such a camera see
        /// what lies behind it, the protocol has no depth below zero.
        /// </summary>
        /// <param name="stepM">How far, metres; its clip distances grow by as much.</param>
        /// <param name="viewFromWorld">Of <see cref="ViewFromWorld"/>; changed.</param>
        /// <param name="clipFromView">Of <see cref="ClipFromView"/>; changed.</param>
        /// <param name="depthFromBuffer">Of <see cref="DepthFromBuffer"/>; changed.</param>
        public static void StepBack(double stepM, double[] viewFromWorld, double[] clipFromView, double[] depthFromBuffer)
        {
            viewFromWorld[11] -= stepM;
            for (var row = 0; row < 4; row++) clipFromView[4 * row + 3] += clipFromView[4 * row + 2] * stepM;
            depthFromBuffer[0] += stepM;
        }

        /// <summary><paramref name="then"/> · <paramref name="now"/>⁻¹: from view space of now to that of then.</summary>
        public static void ThenFromNow(double[] then, double[] now, double[] into)
        {
            var inverse = new double[16];
            ThenFromNow(then, now, inverse, into);
        }

        /// <summary>The same with a matrix of the caller's to work in: nothing is allocated.</summary>
        public static void ThenFromNow(double[] then, double[] now, double[] scratch, double[] into)
        {
            InverseAffine(now, scratch);
            Multiply(then, scratch, into);
        }

        /// <summary>a · b.</summary>
        public static void Multiply(double[] a, double[] b, double[] into)
        {
            for (var row = 0; row < 4; row++)
                for (var column = 0; column < 4; column++)
                {
                    var sum = 0.0;
                    for (var i = 0; i < 4; i++) sum += a[4 * row + i] * b[4 * i + column];
                    into[4 * row + column] = sum;
                }
        }

        /// <summary>Inverse of a matrix whose last row is (0, 0, 0, 1).</summary>
        public static void InverseAffine(double[] m, double[] into)
        {
            double a = m[5] * m[10] - m[6] * m[9], b = m[6] * m[8] - m[4] * m[10], c = m[4] * m[9] - m[5] * m[8];
            var scale = 1 / (m[0] * a + m[1] * b + m[2] * c);
            into[0] = a * scale;
            into[1] = (m[2] * m[9] - m[1] * m[10]) * scale;
            into[2] = (m[1] * m[6] - m[2] * m[5]) * scale;
            into[4] = b * scale;
            into[5] = (m[0] * m[10] - m[2] * m[8]) * scale;
            into[6] = (m[2] * m[4] - m[0] * m[6]) * scale;
            into[8] = c * scale;
            into[9] = (m[1] * m[8] - m[0] * m[9]) * scale;
            into[10] = (m[0] * m[5] - m[1] * m[4]) * scale;
            for (var row = 0; row < 3; row++)
                into[4 * row + 3] = -(into[4 * row] * m[3] + into[4 * row + 1] * m[7] + into[4 * row + 2] * m[11]);
            into[12] = into[13] = into[14] = 0;
            into[15] = 1;
        }

        /// <summary>
        /// Whether the step from one view to the next is a cut: a turn of more than 60° or a jump of more than
        /// <paramref name="jumpM"/> metres between two frames. Engines forget to say so.
        /// </summary>
        public static bool IsCut(double[] before, double[] now, double jumpM)
        {
            var cosine = before[8] * now[8] + before[9] * now[9] + before[10] * now[10];
            var square = 0.0;
            for (var axis = 0; axis < 3; axis++)
            {
                var step = Position(now, axis) - Position(before, axis);
                square += step * step;
            }
            return cosine < 0.5 || Math.Sqrt(square) > jumpM;
        }

        // Of a camera without scale: −Rᵀ t.
        static double Position(double[] view, int axis)
            => -(view[axis] * view[3] + view[4 + axis] * view[7] + view[8 + axis] * view[11]);
    }
}
