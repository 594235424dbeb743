using UnityEditor;
using UnityEngine;

namespace FrameGen.Editing
{
    /// <summary>Starts and stops a server on this machine, and shows what it says.</summary>
    sealed class ServerWindow : EditorWindow
    {
        Vector2 _scroll;
        double _nextLook;
        string _output = "";
        bool _isRunning;

        [MenuItem("Window/FrameGen/Server")]
        public static void Open() => GetWindow<ServerWindow>("FrameGen Server").Show();

        void OnEnable() => Look();

        void Update()
        {
            if (EditorApplication.timeSinceStartup < _nextLook) return;
            Look();
            Repaint();
        }

        void Look()
        {
            _nextLook = EditorApplication.timeSinceStartup + 1;
            _output = ServerProcess.Output();
            _isRunning = ServerProcess.IsRunning;
        }

        void OnGUI()
        {
            ServerProcess.Command = EditorGUILayout.TextField(
                new GUIContent("Command", "How to start framegen, without \"serve\". Empty: looked for in the project's .venv, on the PATH, then as a Python module."),
                ServerProcess.Command);
            EditorGUILayout.BeginHorizontal();
            GUI.enabled = !_isRunning;
            if (GUILayout.Button("Start server")) Do(ServerProcess.Start);
            GUI.enabled = _isRunning;
            if (GUILayout.Button("Stop server")) Do(ServerProcess.Stop);
            GUI.enabled = true;
            EditorGUILayout.EndHorizontal();
            EditorGUILayout.LabelField(_isRunning ? "The server runs." : "No server was started here.");
            _scroll = EditorGUILayout.BeginScrollView(_scroll);
            EditorGUILayout.TextArea(_output, GUILayout.ExpandHeight(true));
            EditorGUILayout.EndScrollView();
        }

        void Do(System.Action action)
        {
            action();
            Look();
        }
    }
}
