using System;

namespace Unity.Collections
{
    // ScriptReference/Unity.Collections.Allocator.html
    public enum Allocator { Invalid, None, Temp, TempJob, Persistent }

    // ScriptReference/Unity.Collections.NativeArrayOptions.html
    public enum NativeArrayOptions { UninitializedMemory, ClearMemory }

    // ScriptReference/Unity.Collections.NativeArray_1.html
    public struct NativeArray<T> : IDisposable where T : struct
    {
        internal readonly T[] Backing;
        public NativeArray(int length, Allocator allocator, NativeArrayOptions options = NativeArrayOptions.ClearMemory) { Backing = new T[length]; }
        internal NativeArray(T[] backing) { Backing = backing; }
        public int Length => Backing.Length;
        public bool IsCreated => Backing != null;
        public void Dispose() => UnityEngine.FakeEngine.Disposed++;
        // ScriptReference/Unity.Collections.NativeArray_1.Copy.html
        public static void Copy(NativeArray<T> src, int srcIndex, T[] dst, int dstIndex, int length)
            => Array.Copy(src.Backing, srcIndex, dst, dstIndex, length);
        public static void Copy(T[] src, int srcIndex, NativeArray<T> dst, int dstIndex, int length)
            => Array.Copy(src, srcIndex, dst.Backing, dstIndex, length);
    }
}
