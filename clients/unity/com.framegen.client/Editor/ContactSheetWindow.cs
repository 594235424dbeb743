using System.Collections.Generic;
using System.IO;
using UnityEditor;
using UnityEngine;

namespace FrameGen.Editing
{
    /// <summary>Asks for prompts, one a line, and saves the camera's view under each of them as one picture.</summary>
    sealed class ContactSheetWindow : EditorWindow
    {
        [SerializeField] FrameGenCamera _camera = null;
        [SerializeField] string _prompts = "golden hour\novercast, wet asphalt\nnight, neon lights\nheavy snow";
        [SerializeField] int _columns = 2;
        [SerializeField] int _settle = 12;
        float _progress = -1;

        public static void Open(FrameGenCamera camera)
        {
            var window = GetWindow<ContactSheetWindow>("FrameGen Contact Sheet");
            window._camera = camera;
            window.Show();
        }

        void OnGUI()
        {
            _camera = (FrameGenCamera)EditorGUILayout.ObjectField("Camera", _camera, typeof(FrameGenCamera), true);
            EditorGUILayout.LabelField("Prompts, one a line");
            _prompts = EditorGUILayout.TextArea(_prompts, GUILayout.MinHeight(120));
            _columns = EditorGUILayout.IntSlider("Columns", _columns, 1, 6);
            _settle = EditorGUILayout.IntSlider(new GUIContent("Frames each", "Results to wait for, so that the last look fades."), _settle, 1, 60);
            var canRun = EditorApplication.isPlaying && _camera != null && _camera.Status.IsConnected && _progress < 0;
            if (!canRun && _progress < 0) EditorGUILayout.HelpBox("Press play with a server running, and keep the camera still.", MessageType.Info);
            GUI.enabled = canRun;
            if (GUILayout.Button("Make contact sheet")) Make();
            GUI.enabled = true;
            if (_progress >= 0) EditorGUILayout.LabelField("Working: " + Mathf.RoundToInt(100 * _progress) + " %");
        }

        void OnInspectorUpdate()
        {
            if (!EditorApplication.isPlaying) _progress = -1;
            Repaint();
        }

        void Make()
        {
            var prompts = new List<string>();
            foreach (var line in _prompts.Split('\n'))
                if (line.Trim() != "") prompts.Add(line.Trim());
            if (prompts.Count == 0) return;
            _progress = 0;
            _camera.StartCoroutine(FrameGenContactSheet.Make(_camera, prompts, Mathf.Min(_columns, prompts.Count), _settle, done => _progress = done, Save));
        }

        void Save(Texture2D sheet)
        {
            _progress = -1;
            if (sheet == null)
            {
                EditorUtility.DisplayDialog("FrameGen", "The server answered none of the prompts in time.", "OK");
                return;
            }
            var path = EditorUtility.SaveFilePanel("Save contact sheet", "", "contact-sheet", "png");
            if (!string.IsNullOrEmpty(path)) File.WriteAllBytes(path, sheet.EncodeToPNG());
            DestroyImmediate(sheet);
        }
    }
}
