using System;

namespace FrameGen.Protocol
{
    /// <summary>
    /// What a server refuses of a camera (SPEC.md, "frame"): what leads to rays that are no numbers, or points backwards.
    /// </summary>
    public static class CameraRules
    {
        const double LeastUprightness = 1e-9;
        // Of the first three elements of a view's last row over the fourth.
        const double Shear = 1e-6;
        const double ShortestColumn = 1e-8, LongestColumn = 1e8;
        const double LargestClip = 1e12;
        // Metres of a picture's corners from the axis, at a depth of one metre.
        const double Widest = 1e9;
        const double FarM = 1e15;

        /// <summary>Throws <see cref="ProtocolException"/>: invalid_frame.</summary>
        public static void Check(Frame frame)
        {
            CheckView(frame.ViewFromWorld);
            CheckClip(frame.ClipFromView);
            if (!(frame.NearM > 0 && frame.FarM > frame.NearM)) throw Invalid("near_m and far_m must satisfy 0 < near < far.");
            foreach (var metres in frame.WorldOriginM)
                if (!(Math.Abs(metres) <= FarM)) throw Invalid("world_origin_m is farther than 1e15 m.", "Positions are in metres.");
        }

        static void CheckView(double[] m)
        {
            const string pose = "It is the inverse of the camera's pose: a rotation and a place.";
            // A rigid pose is right wherever it stands: its place is judged apart.
            var isRigid = m[12] == 0 && m[13] == 0 && m[14] == 0 && m[15] == 1;
            if (!(Uprightness(m, isRigid ? 1 : Length(m, 3)) > LeastUprightness)) throw Invalid("view_from_world cannot be inverted.", pose);
            if (!(Largest(m[12], m[13], m[14]) <= Shear * Math.Abs(m[15])))
                throw Invalid("The last row of view_from_world is not 0 0 0 1.",
                    "It is row-major for column vectors, with the place in the last column: transpose it.");
            for (var column = 0; column < (isRigid ? 3 : 4); column++)
            {
                var length = Length(m, column);
                if (!(length >= ShortestColumn && length <= LongestColumn)) throw Invalid("view_from_world scales the world beyond reason.", pose);
            }
            if (isRigid && !(Largest(m[3], m[7], m[11]) <= FarM))
                throw Invalid("view_from_world stands farther than 1e15 m from the origin.", "Positions are in metres.");
        }

        static void CheckClip(double[] m)
        {
            if (!IsInvertible(m)) throw Invalid("clip_from_view cannot be inverted.", "Send the projection matrix alone.");
            if (!(m[15] > m[14]))
                throw Invalid("clip_from_view puts behind the camera what lies before it.",
                    "The camera looks along -Z: the last row of a perspective is 0 0 -1 0.");
            var largest = 0.0;
            foreach (var value in m) largest = Math.Max(largest, Math.Abs(value));
            if (!(WidestOf(m) <= Widest && largest <= LargestClip))
                throw Invalid("clip_from_view is no projection of a picture: its rays lead out of all bounds.",
                    "Its first two diagonal elements are 1 over the tangent of half the field of view.");
        }

        // Of the corners' places at a depth of one metre, and of the same where nothing lies beside the diagonal.
        static double WidestOf(double[] m)
        {
            double a = m[0], b = m[1], c = m[4], d = m[5];
            var determinant = a * d - b * c;
            if (determinant == 0 || a == 0 || d == 0) return double.PositiveInfinity;
            double across = 1 + Math.Abs(m[2]) + Math.Abs(m[3]), down = 1 + Math.Abs(m[6]) + Math.Abs(m[7]);
            var w = Math.Max(1, Math.Abs(m[14]) + Math.Abs(m[15]));
            var sheared = Math.Max(Math.Abs(d) * across + Math.Abs(b) * down, Math.Abs(c) * across + Math.Abs(a) * down) / Math.Abs(determinant);
            return w * Largest(sheared, across / a, down / d);
        }

        /// <summary>The server's own rule: the determinant with columns brought to length 1 is over 1e-9.</summary>
        public static bool IsInvertible(double[] matrix) => Uprightness(matrix, Length(matrix, 3)) > LeastUprightness;

        // NaN or 0/0 where a column is zero: no comparison holds. lastLength is that of the last column.
        static double Uprightness(double[] m, double lastLength)
            => Math.Abs(Determinant(m)) / (Length(m, 0) * Length(m, 1) * Length(m, 2) * lastLength);

        static double Length(double[] m, int column)
        {
            var square = 0.0;
            for (var row = 0; row < 4; row++) square += m[4 * row + column] * m[4 * row + column];
            return Math.Sqrt(square);
        }

        static double Determinant(double[] m)
        {
            double a = m[0] * m[5] - m[1] * m[4], b = m[0] * m[6] - m[2] * m[4], c = m[0] * m[7] - m[3] * m[4];
            double d = m[1] * m[6] - m[2] * m[5], e = m[1] * m[7] - m[3] * m[5], f = m[2] * m[7] - m[3] * m[6];
            double g = m[8] * m[13] - m[9] * m[12], h = m[8] * m[14] - m[10] * m[12], i = m[8] * m[15] - m[11] * m[12];
            double j = m[9] * m[14] - m[10] * m[13], k = m[9] * m[15] - m[11] * m[13], l = m[10] * m[15] - m[11] * m[14];
            return a * l - b * k + c * j + d * i - e * h + f * g;
        }

        static double Largest(double x, double y, double z) => Math.Max(Math.Abs(x), Math.Max(Math.Abs(y), Math.Abs(z)));

        static ProtocolException Invalid(string message, string hint = "") => new ProtocolException(ErrorCodes.InvalidFrame, message, hint);
    }
}
