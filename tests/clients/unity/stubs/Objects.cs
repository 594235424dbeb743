using System;
using System.Collections;
using System.Collections.Generic;

namespace UnityEngine
{
    // ScriptReference/Object.html
    public class Object
    {
        internal bool IsDestroyed;
        public virtual string name { get; set; } = "";
        public HideFlags hideFlags { get; set; }
        public static void Destroy(Object obj)
        {
            FakeEngine.Alive.Remove(obj);
            if (!ReferenceEquals(obj, null)) obj.IsDestroyed = true;
        }
        public static void DestroyImmediate(Object obj) { }
        // ScriptReference/Object.FindObjectsByType.html
#if UNITY_6000_4_OR_NEWER
        public static T[] FindObjectsByType<T>() where T : Object => FakeEngine.Find<T>();
#else
        public static T[] FindObjectsByType<T>(FindObjectsSortMode sortMode) where T : Object => FakeEngine.Find<T>();
#endif
        public static bool operator ==(Object x, Object y) => ReferenceEquals(There(x), There(y));
        public static bool operator !=(Object x, Object y) => !ReferenceEquals(There(x), There(y));
        static Object There(Object obj) => ReferenceEquals(obj, null) || obj.IsDestroyed ? null : obj; // what is destroyed is null
        public override bool Equals(object other) => ReferenceEquals(this, other);
        public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
        public static implicit operator bool(Object exists) => false;
    }

#if !UNITY_6000_4_OR_NEWER
    // ScriptReference/FindObjectsSortMode.html
    public enum FindObjectsSortMode { None, InstanceID }
#endif

    // ScriptReference/HideFlags.html
    [Flags] public enum HideFlags { None = 0, HideInHierarchy = 1, DontSave = 52, HideAndDontSave = 61 }

    // ScriptReference/Component.html
    public class Component : Object
    {
        internal GameObject Owner;
        public GameObject gameObject => Owner ?? new GameObject("").Take(this);
        public override string name { get { return gameObject.name; } set { gameObject.name = value; } }
        public Transform transform => gameObject.transform;
        public T GetComponent<T>() => (T)FakeEngine.Components[typeof(T)];
        public bool TryGetComponent<T>(out T component) => gameObject.TryGetComponent(out component);
        public T[] GetComponentsInChildren<T>(bool includeInactive) => (T[])(object)(FakeEngine.Children ?? FakeEngine.Below(transform));
    }

    // ScriptReference/Behaviour.html
    public class Behaviour : Component
    {
        public bool enabled { get; set; } = true;
        public bool isActiveAndEnabled => enabled && gameObject.activeInHierarchy;
    }

    // ScriptReference/MonoBehaviour.html
    public class MonoBehaviour : Behaviour
    {
        public Coroutine StartCoroutine(IEnumerator routine) => null;
    }

    // ScriptReference/Coroutine.html
    public sealed class Coroutine { }

    // ScriptReference/ScriptableObject.html
    public class ScriptableObject : Object
    {
        public static T CreateInstance<T>() where T : ScriptableObject => FakeEngine.Made(Activator.CreateInstance<T>());
    }

    // ScriptReference/GameObject.html
    public sealed class GameObject : Object
    {
        readonly List<Component> _components = new List<Component>();
        public GameObject() : this("") { }
        public GameObject(string name)
        {
            this.name = name;
            Take(transform = new Transform());
        }
        internal GameObject Take(Component component)
        {
            component.Owner = this;
            _components.Add(component);
            return this;
        }
        public static GameObject CreatePrimitive(PrimitiveType type) => null;
        public T AddComponent<T>() where T : Component
        {
            var component = Activator.CreateInstance<T>();
            Take(component);
            return component;
        }
        public T GetComponent<T>() => default(T);
        public bool TryGetComponent<T>(out T component)
        {
            component = default(T);
            foreach (var found in _components)
                if (found is T) component = (T)(object)found;
            return component != null;
        }
        internal bool IsActive = true;
        public bool activeInHierarchy => IsActive;
        public Transform transform { get; }
    }

    // ScriptReference/PrimitiveType.html
    public enum PrimitiveType { Sphere, Capsule, Cylinder, Cube, Plane, Quad }

    // ScriptReference/Transform.html
    public class Transform : Component
    {
        public Vector3 position { get; set; }
        public Vector3 forward { get; set; }
        public Quaternion rotation { get; set; }
        public Vector3 localScale { get; set; }
        public Transform parent { get; set; }
        public void SetParent(Transform p) => parent = p;
        public Matrix4x4 localToWorldMatrix => default(Matrix4x4);
        public Vector3 InverseTransformPoint(Vector3 position) => position;
    }

    // ScriptReference/Renderer.html
    public class Renderer : Component
    {
        public bool enabled { get; set; } = true;
        public bool isVisible { get; internal set; } = true;
        public bool isPartOfStaticBatch { get; internal set; }
        public Rendering.ShadowCastingMode shadowCastingMode { get; set; } = Rendering.ShadowCastingMode.On;
        public Material material { get; set; }
        public Material[] sharedMaterials { get; set; } = new Material[2];
        public void GetSharedMaterials(List<Material> m)
        {
            m.Clear();
            m.AddRange(sharedMaterials);
        }
    }

    // ScriptReference/MeshRenderer.html
    public class MeshRenderer : Renderer { }

    // ScriptReference/SkinnedMeshRenderer.html
    public class SkinnedMeshRenderer : Renderer { public Mesh sharedMesh { get; set; } }

    // ScriptReference/MeshFilter.html
    public sealed class MeshFilter : Component { public Mesh sharedMesh { get; set; } }

    // ScriptReference/Mesh.html
    public sealed class Mesh : Object { public int subMeshCount { get; set; } = 1; }

    // ScriptReference/Light.html
    public sealed class Light : Behaviour
    {
        public LightType type { get; set; }
    }

    // ScriptReference/LightType.html
    public enum LightType { Spot = 0, Directional = 1, Point = 2 }

    // ScriptReference/RenderSettings.html
    public sealed class RenderSettings : Object
    {
        public static Light sun { get; set; }
    }

    // ScriptReference/Application.html
    public class Application
    {
        public static string unityVersion => "";
        public static string dataPath => "";
        public static string temporaryCachePath => "";
        public static RuntimePlatform platform => default(RuntimePlatform);
    }

    // ScriptReference/RuntimePlatform.html
    public enum RuntimePlatform { OSXEditor = 0, WindowsEditor = 7, LinuxEditor = 16 }

    // ScriptReference/Debug.html
    public class Debug
    {
        public static void LogWarning(object message, Object context) => FakeEngine.Log.Add("warning: " + message);
        public static void LogError(object message, Object context) => FakeEngine.Log.Add("error: " + message);
    }

    // ScriptReference/Time.html
    public class Time
    {
        public static float realtimeSinceStartup => (float)FakeEngine.Clock.Elapsed.TotalSeconds + FakeEngine.SkippedS;
        public static float deltaTime => 0;
    }

    // ScriptReference/Resources.html
    public sealed class Resources
    {
        public static T Load<T>(string path) where T : Object => Activator.CreateInstance<T>();
    }

    // ScriptReference/SerializeField.html
    [AttributeUsage(AttributeTargets.Field)] public sealed class SerializeField : Attribute { }

    // ScriptReference/HeaderAttribute.html
    [AttributeUsage(AttributeTargets.Field, AllowMultiple = true)] public class HeaderAttribute : Attribute { public HeaderAttribute(string header) { } }

    // ScriptReference/TooltipAttribute.html
    [AttributeUsage(AttributeTargets.Field)] public class TooltipAttribute : Attribute { public TooltipAttribute(string tooltip) { } }

    // ScriptReference/TextAreaAttribute.html
    [AttributeUsage(AttributeTargets.Field)] public sealed class TextAreaAttribute : Attribute { public TextAreaAttribute(int minLines, int maxLines) { } }

    // ScriptReference/RangeAttribute.html
    [AttributeUsage(AttributeTargets.Field)] public sealed class RangeAttribute : Attribute { public RangeAttribute(float min, float max) { } }

    // ScriptReference/MinAttribute.html
    [AttributeUsage(AttributeTargets.Field)] public sealed class MinAttribute : Attribute { public MinAttribute(float min) { } }

    // ScriptReference/AddComponentMenu.html
    public sealed class AddComponentMenu : Attribute { public AddComponentMenu(string menuName) { } }

    // ScriptReference/RequireComponent.html
    [AttributeUsage(AttributeTargets.Class, AllowMultiple = true)] public sealed class RequireComponent : Attribute { public RequireComponent(Type requiredComponent) { } }

    // ScriptReference/DisallowMultipleComponent.html
    [AttributeUsage(AttributeTargets.Class)] public sealed class DisallowMultipleComponent : Attribute { }

    // ScriptReference/HelpURLAttribute.html
    [AttributeUsage(AttributeTargets.Class)] public sealed class HelpURLAttribute : Attribute { public HelpURLAttribute(string url) { } }

    // ScriptReference/CreateAssetMenuAttribute.html
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class CreateAssetMenuAttribute : Attribute
    {
        public string menuName { get; set; }
        public string fileName { get; set; }
    }
}

namespace UnityEngine.Events
{
    // ScriptReference/Events.UnityAction.html
    public delegate void UnityAction();
    public delegate void UnityAction<T0>(T0 arg0);
    public delegate void UnityAction<T0, T1>(T0 arg0, T1 arg1);

    // ScriptReference/Events.UnityEvent.html
    [Serializable]
    public class UnityEvent
    {
        event UnityAction Calls = () => { };
        public void Invoke() => Calls();
        public void AddListener(UnityAction call) => Calls += call;
        public void RemoveListener(UnityAction call) => Calls -= call;
    }

    // ScriptReference/Events.UnityEvent_1.html
    [Serializable]
    public class UnityEvent<T0>
    {
        event UnityAction<T0> Calls = _ => { };
        public void Invoke(T0 arg0) => Calls(arg0);
        public void AddListener(UnityAction<T0> call) => Calls += call;
    }
}

namespace UnityEngine.Rendering
{
    // ScriptReference/Rendering.ShadowCastingMode.html
    public enum ShadowCastingMode { Off, On, TwoSided, ShadowsOnly }
}

namespace UnityEngine.SceneManagement
{
    // ScriptReference/SceneManagement.Scene.html
    public struct Scene { }

    // ScriptReference/SceneManagement.LoadSceneMode.html
    public enum LoadSceneMode { Single, Additive }

    // ScriptReference/SceneManagement.SceneManager.html
    public class SceneManager
    {
        public static event Events.UnityAction<Scene, LoadSceneMode> sceneLoaded = (_, __) => { };
        public static event Events.UnityAction<Scene> sceneUnloaded = _ => { };
        internal static int Listeners => sceneLoaded.GetInvocationList().Length + sceneUnloaded.GetInvocationList().Length - 2;
        internal static void Load() => sceneLoaded(default(Scene), LoadSceneMode.Additive);
        internal static void Unload() => sceneUnloaded(default(Scene));
    }
}
