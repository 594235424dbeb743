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
        public NativeArray(int length, Allocator allocator, NativeArrayOptions options = NativeArrayOptions.ClearMemory) { }
        public int Length => 0;
        public bool IsCreated => false;
        public void Dispose() { }
        // ScriptReference/Unity.Collections.NativeArray_1.Copy.html
        public static void Copy(NativeArray<T> src, int srcIndex, T[] dst, int dstIndex, int length) { }
        public static void Copy(T[] src, int srcIndex, NativeArray<T> dst, int dstIndex, int length) { }
    }
}
