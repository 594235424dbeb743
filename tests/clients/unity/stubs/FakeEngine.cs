using System;
using System.Collections.Generic;
using System.Diagnostics;

namespace UnityEngine
{
    // Of no page of Unity's: what the stand-ins keep so that the engine layer can be driven by a test.
    public static class FakeEngine
    {
        public static readonly Stopwatch Clock = Stopwatch.StartNew();
        public static readonly Dictionary<Type, object> Components = new Dictionary<Type, object>();
        public static Renderer[] Children = new Renderer[0];
        public static readonly HashSet<object> Alive = new HashSet<object>();
        public static readonly List<string> Log = new List<string>();
        public static readonly Queue<Action> Readbacks = new Queue<Action>();
        public static byte ReadbackValue = 30;
        public static int Draws, RendererDraws, Disposed, Width = 320, Height = 180;
        public static object Enqueued;
        public static byte[] Jpeg = new byte[2];
        public static Rendering.CommandBuffer Commands = new Rendering.CommandBuffer();

        public static T Made<T>(T made)
        {
            Alive.Add(made);
            return made;
        }

        public static void FinishReadbacks()
        {
            while (Readbacks.Count > 0) Readbacks.Dequeue()();
        }
    }
}
