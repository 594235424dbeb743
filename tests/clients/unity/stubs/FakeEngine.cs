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
        public static Renderer[] Children; // of every object; null: those that stand below it
        public static readonly List<Renderer> Scene = new List<Renderer>();
        public static readonly List<Drawn> DrawnParts = new List<Drawn>();
        public static readonly Dictionary<int, Vector4> Vectors = new Dictionary<int, Vector4>();
        public static readonly List<string> ShaderNames = new List<string>();
        public static int Finds;
        public static float SkippedS;
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

        public struct Drawn
        {
            public Renderer Renderer;
            public int Part;
            public Vector4 Tag;
        }

        public static Renderer[] Below(Transform top)
        {
            var found = new List<Renderer>();
            foreach (var renderer in Scene)
                for (var thing = renderer.transform; thing != null; thing = thing.parent)
                    if (thing == top) found.Add(renderer);
            return found.ToArray();
        }

        public static T[] Find<T>() where T : Object
        {
            Finds++;
            var found = new List<T>();
            foreach (var thing in Scene)
                if (thing is T && thing != null && thing.gameObject.activeInHierarchy) found.Add((T)(object)thing);
            return found.ToArray();
        }

        public static void FinishReadbacks()
        {
            while (Readbacks.Count > 0) Readbacks.Dequeue()();
        }
    }
}
