namespace UnityEngine
{
    // ScriptReference/Vector2.html
    public struct Vector2
    {
        public float x, y;
        public Vector2(float x, float y) { this.x = x; this.y = y; }
    }

    // ScriptReference/Vector3.html
    public struct Vector3
    {
        public float x, y, z;
        public Vector3(float x, float y, float z) { this.x = x; this.y = y; this.z = z; }
        public static Vector3 zero => default(Vector3);
        public static Vector3 one => new Vector3(1, 1, 1);
        public static Vector3 operator *(Vector3 a, float d) => new Vector3(a.x * d, a.y * d, a.z * d);
        public static Vector3 operator +(Vector3 a, Vector3 b) => a;
    }

    // ScriptReference/Vector4.html
    public struct Vector4
    {
        public float x, y, z, w;
        public Vector4(float x, float y, float z, float w) { this.x = x; this.y = y; this.z = z; this.w = w; }
        public static Vector4 operator -(Vector4 a) => a;
    }

    // ScriptReference/Quaternion.html
    public struct Quaternion
    {
        public static Quaternion LookRotation(Vector3 forward) => default(Quaternion);
        public static Quaternion Euler(float x, float y, float z) => default(Quaternion);
    }

    // ScriptReference/Color.html
    public struct Color
    {
        public float r, g, b, a;
        public Color(float r, float g, float b, float a) { this.r = r; this.g = g; this.b = b; this.a = a; }
    }

    // ScriptReference/Color32.html
    public struct Color32
    {
        public byte r, g, b, a;
        public Color32(byte r, byte g, byte b, byte a) { this.r = r; this.g = g; this.b = b; this.a = a; }
    }

    // ScriptReference/Matrix4x4.html
    public struct Matrix4x4
    {
        float[] _values; // a struct's fields begin at 0: made when something is written
        public float this[int row, int column]
        {
            get { return _values == null ? 0 : _values[4 * row + column]; }
            set { (_values = _values ?? new float[16])[4 * row + column] = value; }
        }
        public static Matrix4x4 identity => Scale(new Vector3(1, 1, 1));
        public static Matrix4x4 Scale(Vector3 vector)
        {
            var m = new Matrix4x4();
            m[0, 0] = vector.x;
            m[1, 1] = vector.y;
            m[2, 2] = vector.z;
            m[3, 3] = 1;
            return m;
        }
        public static Matrix4x4 operator *(Matrix4x4 lhs, Matrix4x4 rhs) => lhs;
        public Vector4 GetRow(int index) => default(Vector4);
        public void SetRow(int index, Vector4 row) { }
    }

    // ScriptReference/Mathf.html
    public struct Mathf
    {
        public static float Abs(float f) => System.Math.Abs(f);
        public static float Sin(float f) => (float)System.Math.Sin(f);
        public static float Cos(float f) => (float)System.Math.Cos(f);
        public static float Clamp01(float value) => System.Math.Max(0, System.Math.Min(1, value));
        public static int Clamp(int value, int min, int max) => System.Math.Max(min, System.Math.Min(max, value));
        public static float Clamp(float value, float min, float max) => System.Math.Max(min, System.Math.Min(max, value));
        public static int CeilToInt(float f) => (int)System.Math.Ceiling(f);
        public static int RoundToInt(float f) => (int)System.Math.Round(f);
        public static int Max(int a, int b) => System.Math.Max(a, b);
        public static int Min(int a, int b) => System.Math.Min(a, b);
    }

    // ScriptReference/Gizmos.html
    public sealed class Gizmos
    {
        public static Matrix4x4 matrix { get; set; }
        public static Color color { get; set; }
        public static void DrawWireCube(Vector3 center, Vector3 size) { }
    }
}
