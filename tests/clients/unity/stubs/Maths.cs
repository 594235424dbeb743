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
        public static Vector3 one => default(Vector3);
        public static Vector3 operator *(Vector3 a, float d) => a;
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
        public float this[int row, int column] { get { return 0; } set { } }
        public static Matrix4x4 identity => default(Matrix4x4);
        public static Matrix4x4 Scale(Vector3 vector) => default(Matrix4x4);
        public static Matrix4x4 operator *(Matrix4x4 lhs, Matrix4x4 rhs) => lhs;
        public Vector4 GetRow(int index) => default(Vector4);
        public void SetRow(int index, Vector4 row) { }
    }

    // ScriptReference/Mathf.html
    public struct Mathf
    {
        public static float Abs(float f) => f;
        public static float Sin(float f) => f;
        public static float Cos(float f) => f;
        public static float Clamp01(float value) => value;
        public static int Clamp(int value, int min, int max) => value;
        public static float Clamp(float value, float min, float max) => value;
        public static int CeilToInt(float f) => 0;
        public static int RoundToInt(float f) => 0;
        public static int Max(int a, int b) => a;
        public static int Min(int a, int b) => a;
    }

    // ScriptReference/Gizmos.html
    public sealed class Gizmos
    {
        public static Matrix4x4 matrix { get; set; }
        public static Color color { get; set; }
        public static void DrawWireCube(Vector3 center, Vector3 size) { }
    }
}
