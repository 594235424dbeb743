using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using UnityEditor;
using UnityEngine;

namespace FrameGen.Editing
{
    /// <summary>
    /// A server started from the editor. It outlives recompilation, because its output goes to a file and its process
    /// number is kept for the editor's session; it ends with the editor.
    /// </summary>
    static class ServerProcess
    {
        const string IdKey = "FrameGen.ServerProcess", CommandKey = "FrameGen.ServerCommand";
        const int TailBytes = 4096;

        public static string LogPath => Path.Combine(Application.temporaryCachePath, "framegen-server.log");

        /// <summary>How to start it; empty: looked for.</summary>
        public static string Command
        {
            get { return EditorPrefs.GetString(CommandKey, ""); }
            set { EditorPrefs.SetString(CommandKey, value); }
        }

        public static bool IsRunning
        {
            get
            {
                var process = Find();
                if (process == null) return false;
                process.Dispose();
                return true;
            }
        }

        [InitializeOnLoadMethod]
        static void StopWithTheEditor()
        {
            EditorApplication.quitting -= Stop;
            EditorApplication.quitting += Stop;
        }

        /// <summary>Ways to start a server that may be there, the likeliest first.</summary>
        public static IEnumerable<string> Candidates()
        {
            var project = Directory.GetParent(Application.dataPath).FullName;
            var isWindows = Application.platform == RuntimePlatform.WindowsEditor;
            var inEnvironment = isWindows ? Path.Combine("Scripts", "framegen.exe") : Path.Combine("bin", "framegen");
            foreach (var name in new[] { ".venv", "venv" })
            {
                var path = Path.Combine(project, name, inEnvironment);
                if (File.Exists(path)) yield return Quoted(path);
            }
            foreach (var folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator))
            {
                if (folder == "") continue;
                var path = Path.Combine(folder.Trim('"'), isWindows ? "framegen.exe" : "framegen");
                if (File.Exists(path)) yield return Quoted(path);
            }
            yield return isWindows ? "py -m framegen" : "python3 -m framegen";
        }

        public static void Start()
        {
            if (IsRunning) return;
            var command = Command;
            if (command == "")
                foreach (var candidate in Candidates())
                {
                    command = candidate;
                    break;
                }
            File.WriteAllText(LogPath, command + " serve\n");
            var isWindows = Application.platform == RuntimePlatform.WindowsEditor;
            // A shell sends the output to the file, so that nothing breaks when the editor's own objects are gone.
            var line = isWindows ? "/c \"" + command + " serve >> " + Quoted(LogPath) + " 2>&1\"" : "-c \"exec " + Escaped(command + " serve >> " + Quoted(LogPath) + " 2>&1") + "\"";
            try
            {
                using (var process = Process.Start(new ProcessStartInfo(isWindows ? "cmd.exe" : "/bin/sh", line) { UseShellExecute = false, CreateNoWindow = true }))
                    SessionState.SetInt(IdKey, process.Id);
            }
            catch (Exception error) when (error is InvalidOperationException || error is System.ComponentModel.Win32Exception)
            {
                File.AppendAllText(LogPath, error.Message + "\n");
            }
        }

        public static void Stop()
        {
            var process = Find();
            if (process == null) return;
            using (process)
            {
                try
                {
                    if (Application.platform == RuntimePlatform.WindowsEditor)
                    {
                        // The shell's child too.
                        using (Process.Start(new ProcessStartInfo("taskkill", "/T /F /PID " + process.Id) { UseShellExecute = false, CreateNoWindow = true })) { }
                    }
                    else
                    {
                        process.Kill();
                    }
                }
                catch (Exception error) when (error is InvalidOperationException || error is System.ComponentModel.Win32Exception)
                {
                    File.AppendAllText(LogPath, error.Message + "\n");
                }
            }
            SessionState.EraseInt(IdKey);
        }

        /// <summary>The last lines that the server said.</summary>
        public static string Output()
        {
            if (!File.Exists(LogPath)) return "";
            using (var file = new FileStream(LogPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite))
            {
                file.Seek(-Math.Min(TailBytes, file.Length), SeekOrigin.End);
                using (var reader = new StreamReader(file)) return reader.ReadToEnd();
            }
        }

        static Process Find()
        {
            var id = SessionState.GetInt(IdKey, 0);
            if (id == 0) return null;
            try
            {
                var process = Process.GetProcessById(id);
                if (!process.HasExited) return process;
                process.Dispose();
            }
            catch (Exception error) when (error is ArgumentException || error is InvalidOperationException)
            {
                // It is over.
            }
            SessionState.EraseInt(IdKey);
            return null;
        }

        static string Quoted(string path) => path.IndexOf(' ') < 0 ? path : "\"" + path + "\"";

        static string Escaped(string text) => text.Replace("\\", "\\\\").Replace("\"", "\\\"");
    }
}
