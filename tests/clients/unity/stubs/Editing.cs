using System;
using UnityEngine;

namespace UnityEngine
{
    // ScriptReference/GUIContent.html
    public class GUIContent { public GUIContent(string text, string tooltip) { } }

    // ScriptReference/GUIStyle.html
    public sealed class GUIStyle { }

    // ScriptReference/GUILayoutOption.html
    public sealed class GUILayoutOption { }

    // ScriptReference/GUI.html
    public class GUI
    {
        public static bool enabled { get; set; }
        public static void Label(Rect position, string text) { }
    }

    // ScriptReference/Event.html
    public sealed class Event
    {
        public static Event current => null;
        public EventType type { get; set; }
        public KeyCode keyCode { get; set; }
    }

    // ScriptReference/EventType.html
    public enum EventType { MouseDown = 0, KeyDown = 4, KeyUp = 5 }

    // ScriptReference/KeyCode.html
    public enum KeyCode { None = 0, Space = 32, Alpha1 = 49 }

    // ScriptReference/GUILayout.html
    public class GUILayout
    {
        public static bool Button(string text, params GUILayoutOption[] options) => false;
        public static GUILayoutOption ExpandHeight(bool expand) => null;
        public static GUILayoutOption MinHeight(float minHeight) => null;
    }
}

namespace UnityEditor
{
    // ScriptReference/CustomEditor.html
    public class CustomEditor : Attribute { public CustomEditor(Type inspectedType) { } }

    // ScriptReference/Editor.html
    public class Editor : ScriptableObject
    {
        public UnityEngine.Object target { get; set; }
        public virtual void OnInspectorGUI() { }
        public virtual bool RequiresConstantRepaint() => false;
        public bool DrawDefaultInspector() => false;
    }

    // ScriptReference/EditorWindow.html
    public class EditorWindow : ScriptableObject
    {
        public static T GetWindow<T>(string title) where T : EditorWindow => null;
        public void Show() { }
        public void Repaint() { }
    }

    // ScriptReference/MenuItem.html
    [AttributeUsage(AttributeTargets.Method, AllowMultiple = true)] public sealed class MenuItem : Attribute { public MenuItem(string itemName) { } }

    // ScriptReference/InitializeOnLoadMethodAttribute.html
    [AttributeUsage(AttributeTargets.Method)] public class InitializeOnLoadMethodAttribute : Attribute { }

    // ScriptReference/MessageType.html
    public enum MessageType { None, Info, Warning, Error }

    // ScriptReference/EditorStyles.html
    public sealed class EditorStyles { public static GUIStyle boldLabel => null; }

    // ScriptReference/EditorGUILayout.html
    public sealed class EditorGUILayout
    {
        public static void Space() { }
        public static void LabelField(string label, params GUILayoutOption[] options) { }
        public static void LabelField(string label, GUIStyle style, params GUILayoutOption[] options) { }
        public static void LabelField(string label, string label2, params GUILayoutOption[] options) { }
        public static void HelpBox(string message, MessageType type) { }
        public static Rect BeginHorizontal(params GUILayoutOption[] options) => default(Rect);
        public static void EndHorizontal() { }
        public static string TextField(GUIContent label, string text, params GUILayoutOption[] options) => null;
        public static string TextArea(string text, params GUILayoutOption[] options) => null;
        public static int IntSlider(string label, int value, int leftValue, int rightValue, params GUILayoutOption[] options) => 0;
        public static int IntSlider(GUIContent label, int value, int leftValue, int rightValue, params GUILayoutOption[] options) => 0;
        public static UnityEngine.Object ObjectField(string label, UnityEngine.Object obj, Type objType, bool allowSceneObjects, params GUILayoutOption[] options) => null;
        public static Vector2 BeginScrollView(Vector2 scrollPosition, params GUILayoutOption[] options) => default(Vector2);
        public static void EndScrollView() { }
    }

    // ScriptReference/EditorApplication.html
    public sealed class EditorApplication
    {
        public static bool isPlaying { get; set; }
        public static double timeSinceStartup => 0;
        public static event Action quitting { add { } remove { } }
    }

    // ScriptReference/EditorPrefs.html
    public sealed class EditorPrefs
    {
        public static string GetString(string key, string defaultValue) => null;
        public static void SetString(string key, string value) { }
    }

    // ScriptReference/SessionState.html
    public static class SessionState
    {
        public static int GetInt(string key, int defaultValue) => 0;
        public static void SetInt(string key, int value) { }
        public static void EraseInt(string key) { }
    }

    // ScriptReference/EditorUtility.html
    public sealed class EditorUtility
    {
        public static string SaveFilePanelInProject(string title, string defaultName, string extension, string message) => null;
        public static string SaveFilePanel(string title, string directory, string defaultName, string extension) => null;
        public static bool DisplayDialog(string title, string message, string ok) => false;
    }

    // ScriptReference/EditorGUIUtility.html
    public sealed class EditorGUIUtility { public static void PingObject(UnityEngine.Object obj) { } }

    // ScriptReference/AssetDatabase.html
    public sealed class AssetDatabase
    {
        public static void CreateAsset(UnityEngine.Object asset, string path) { }
        public static void SaveAssets() { }
    }
}

namespace UnityEngine
{
    // ScriptReference/Rect.html
    public struct Rect { public Rect(float x, float y, float width, float height) { } }
}
