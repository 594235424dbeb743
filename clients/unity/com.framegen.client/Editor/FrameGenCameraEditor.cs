using UnityEditor;
using UnityEngine;

namespace FrameGen.Editing
{
    /// <summary>The inspector of <see cref="FrameGenCamera"/>: its fields, and while the game runs what becomes of its frames.</summary>
    [CustomEditor(typeof(FrameGenCamera))]
    sealed class FrameGenCameraEditor : Editor
    {
        public override bool RequiresConstantRepaint() => EditorApplication.isPlaying;

        public override void OnInspectorGUI()
        {
            DrawDefaultInspector();
            var camera = (FrameGenCamera)target;
            EditorGUILayout.Space();
            EditorGUILayout.LabelField("Status", EditorStyles.boldLabel);
            if (EditorApplication.isPlaying) ShowStatus(camera.Status);
            else EditorGUILayout.HelpBox("Press play. Without a server the plain picture is shown.", MessageType.Info);
            EditorGUILayout.BeginHorizontal();
            if (GUILayout.Button("Server…")) ServerWindow.Open();
            if (GUILayout.Button("Contact sheet…")) ContactSheetWindow.Open(camera);
            if (GUILayout.Button("Save as look…")) SaveLook(camera);
            EditorGUILayout.EndHorizontal();
        }

        static void ShowStatus(FrameGenStatus status)
        {
            EditorGUILayout.LabelField("Server", status.IsConnected ? "connected to " + status.Server : "not connected");
            if (status.Complaint != "") EditorGUILayout.HelpBox(status.Complaint, MessageType.Warning);
            if (!status.IsConnected) return;
            EditorGUILayout.LabelField("Frames", status.Width + " × " + status.Height + ", model " + status.Model);
            EditorGUILayout.LabelField("Results", status.ResultsPerSecond.ToString("0.0") + " a second" + (status.IsReprojected ? ", reprojected" : ""));
            EditorGUILayout.LabelField(
                "Latency", status.LatencyMs.ToString("0") + " ms (network and server " + status.RoundTripMs.ToString("0") + ", model " + status.ModelMs.ToString("0") + ")");
            var counts = status.Counts;
            EditorGUILayout.LabelField("Counts", counts.Sent + " sent, " + counts.Answered + " answered, " + (counts.Superseded + counts.Replaced) + " overtaken, " + (counts.Lost + counts.Failed) + " lost");
            if (status.Ignored.Count > 0) EditorGUILayout.LabelField("Unknown words", string.Join(", ", status.Ignored));
        }

        static void SaveLook(FrameGenCamera camera)
        {
            var path = EditorUtility.SaveFilePanelInProject("Save as look", "Look", "asset", "Where to save the look");
            if (string.IsNullOrEmpty(path)) return;
            var look = CreateInstance<FrameGenLook>();
            if (camera.Look != null)
            {
                look.CopyFrom(camera.Look);
            }
            else
            {
                look.Prompt = camera.Prompt;
                look.Intensity = camera.Intensity;
                look.Strength = camera.Strength;
                look.Sun = camera.Sun;
            }
            AssetDatabase.CreateAsset(look, path);
            AssetDatabase.SaveAssets();
            EditorGUIUtility.PingObject(look);
        }
    }
}
