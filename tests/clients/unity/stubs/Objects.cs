using System;
using System.Collections;
using System.Collections.Generic;

namespace UnityEngine
{
    // ScriptReference/Object.html
    public class Object
    {
        public string name { get; set; }
        public HideFlags hideFlags { get; set; }
        public static void Destroy(Object obj) { }
        public static void DestroyImmediate(Object obj) { }
        public static bool operator ==(Object x, Object y) => ReferenceEquals(x, y);
        public static bool operator !=(Object x, Object y) => !ReferenceEquals(x, y);
        public override bool Equals(object other) => false;
        public override int GetHashCode() => 0;
        public static implicit operator bool(Object exists) => false;
    }

    // ScriptReference/HideFlags.html
    [Flags] public enum HideFlags { None = 0, HideInHierarchy = 1, DontSave = 52, HideAndDontSave = 61 }

    // ScriptReference/Component.html
    public class Component : Object
    {
        public GameObject gameObject => null;
        public Transform transform => null;
        public T GetComponent<T>() => default(T);
        public T[] GetComponentsInChildren<T>(bool includeInactive) => null;
    }

    // ScriptReference/Behaviour.html
    public class Behaviour : Component
    {
        public bool enabled { get; set; }
        public bool isActiveAndEnabled => false;
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
        public static T CreateInstance<T>() where T : ScriptableObject => null;
    }

    // ScriptReference/GameObject.html
    public sealed class GameObject : Object
    {
        public GameObject(string name) { }
        public static GameObject CreatePrimitive(PrimitiveType type) => null;
        public T AddComponent<T>() where T : Component => null;
        public T GetComponent<T>() => default(T);
        public bool activeInHierarchy => false;
        public Transform transform => null;
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
        public void SetParent(Transform p) { }
        public Matrix4x4 localToWorldMatrix => default(Matrix4x4);
        public Vector3 InverseTransformPoint(Vector3 position) => default(Vector3);
    }

    // ScriptReference/Renderer.html
    public class Renderer : Component
    {
        public bool enabled { get; set; }
        public bool isVisible => false;
        public Material material { get; set; }
        public Material[] sharedMaterials { get; set; }
    }

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
        public static void LogWarning(object message, Object context) { }
        public static void LogError(object message, Object context) { }
    }

    // ScriptReference/Time.html
    public class Time
    {
        public static float realtimeSinceStartup => 0;
        public static float deltaTime => 0;
    }

    // ScriptReference/Resources.html
    public sealed class Resources
    {
        public static T Load<T>(string path) where T : Object => null;
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

    // ScriptReference/Events.UnityEvent.html
    [Serializable]
    public class UnityEvent
    {
        public void Invoke() { }
        public void AddListener(UnityAction call) { }
        public void RemoveListener(UnityAction call) { }
    }

    // ScriptReference/Events.UnityEvent_1.html
    [Serializable]
    public class UnityEvent<T0>
    {
        public void Invoke(T0 arg0) { }
        public void AddListener(UnityAction<T0> call) { }
    }
}
