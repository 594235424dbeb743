using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Reflection;
using System.Threading;
using FrameGen;
using UnityEngine;
#if FRAMEGEN_URP
using UnityEngine.Rendering;
using UnityEngine.Rendering.Universal;
#endif

/// <summary>
/// Plays the engine: enables a FrameGen Camera with a tag and a volume, renders frames, and says what became of them.
/// Words: ADDRESS WIDTH TAGS(0 none, 1 a tag, 2 a name, 3 a name that is not to count) DISPLAY(0..2) JPEG(0/1) NEAR (below 0: an orthographic camera).
/// </summary>
static class EngineDriver
{
    const int Patience = 60000;

    static readonly Camera View = new Camera();
    static FrameGenCamera _camera;
    static int _results, _connected, _errors;
    static float _modelMs;
    static bool _isModelMsLost;

    static int Main(string[] words)
    {
        Prepare(words);
        var facts = new Dictionary<string, object>();
        var watch = Stopwatch.StartNew();
        while (_results < 12 && watch.ElapsedMilliseconds < Patience && _errors == 0) Frame();
        facts["results"] = _results;
        facts["connected"] = _connected;
        facts["errors"] = _errors;
        facts["complaint"] = _camera.Status.Complaint;
        facts["width"] = _camera.Status.Width;
        facts["height"] = _camera.Status.Height;
        facts["model"] = _camera.Status.Model;
        facts["latency_ms"] = (double)_camera.Status.LatencyMs;
        facts["model_ms"] = (double)_modelMs;
        facts["model_ms_lost"] = _isModelMsLost;
        facts["reprojected"] = _camera.Status.IsReprojected;
        facts["failed"] = _camera.Status.Counts.Failed;
        var pixel = new byte[4];
        Unity.Collections.NativeArray<byte>.Copy(_camera.ResultTexture.GetRawTextureData<byte>(), 0, pixel, 0, 4);
        facts["pixel"] = pixel;
        facts["jpeg"] = new[] { FakeEngine.Jpeg[0], FakeEngine.Jpeg[1] };
        FakeEngine.Draws = 0;
        Frame();
        facts["draws_with_result"] = FakeEngine.Draws;
        facts["renderer_draws"] = FakeEngine.RendererDraws;
        _camera.Prompt = "snow";
        while (!_camera.IsSettled || _camera.ResultRevision == 0) Frame();
        facts["revision"] = _camera.SettingsRevision;
        facts["sheet_rows"] = SheetRows();
        Call(_camera, "OnDisable");
        FakeEngine.Alive.Remove(FakeEngine.Commands);
        facts["left_behind"] = FakeEngine.Alive.Count;
        facts["log"] = FakeEngine.Log;
        Thread.Sleep(100);
        Call(_camera, "OnEnable"); // as after a recompilation
        _connected = 0;
        watch.Restart();
        while (_connected == 0 && watch.ElapsedMilliseconds < Patience) Frame();
        facts["connected_again"] = _connected;
        Call(_camera, "OnDisable");
        Console.WriteLine(Json.Of(facts));
        return 0;
    }

    static void NoteModelTime()
    {
        _isModelMsLost |= _modelMs > 0 && _camera.Status.ModelMs <= 0;
        _modelMs = _camera.Status.ModelMs;
    }

    // The red of the first column of a sheet of one picture, from v = 0 up.
    static byte[] SheetRows()
    {
        Texture2D sheet = null;
        var work = FrameGenContactSheet.Make(_camera, new[] { "snow, night" }, 1, 1, null, made => sheet = made);
        while (work.MoveNext()) Frame();
        var rows = new byte[sheet.height];
        for (var row = 0; row < rows.Length; row++) rows[row] = sheet.GetPixels32()[row * sheet.width].r;
        UnityEngine.Object.Destroy(sheet);
        return rows;
    }

    static void Prepare(string[] words)
    {
        FakeEngine.Components[typeof(Camera)] = View;
        View.nearClipPlane = float.Parse(words[5], System.Globalization.CultureInfo.InvariantCulture);
        View.farClipPlane = 100;
        View.orthographic = View.nearClipPlane < 0;
        View.worldToCameraMatrix = Matrix4x4.Scale(new Vector3(1, 1, -1));
        View.projectionMatrix = View.nonJitteredProjectionMatrix = View.orthographic ? Matrix4x4.Scale(new Vector3(0.1f, 0.17f, -0.01f)) : Projection();
        _camera = new FrameGenCamera();
        Set("_address", words[0]);
        Set("_width", int.Parse(words[1]));
        Set("_checkFrames", true);
        Set("_jpegResults", words[4] == "1");
        _camera.Display = (DisplayMode)int.Parse(words[3]);
        _camera.OnConnected.AddListener(() => _connected++);
        _camera.OnResult.AddListener(() => _results++);
        _camera.OnResult.AddListener(NoteModelTime);
        _camera.OnError.AddListener(_ => _errors++);
        if (words[2] == "1")
        {
            FakeEngine.Children = new[] { new Renderer() };
            var tag = new FrameGenTag { Label = "brick" };
            Call(tag, "OnEnable");
        }
        FakeEngine.Scene.Add(new GameObject(words[2] == "2" || words[2] == "3" ? "BrickWall" : "Cube").AddComponent<MeshRenderer>());
        _camera.TagsByName = words[2] != "3";
#if FRAMEGEN_URP
        GraphicsSettings.currentRenderPipeline = new UniversalRenderPipelineAsset();
#endif
        Call(_camera, "OnEnable");
    }

    static Matrix4x4 Projection()
    {
        var m = new Matrix4x4();
        m[0, 0] = 1;
        m[1, 1] = 1.7f;
        m[2, 2] = -100.1f / 99.9f;
        m[2, 3] = -20 / 99.9f;
        m[3, 2] = -1;
        return m;
    }

    static void Frame()
    {
#if FRAMEGEN_URP
        RenderPipelineManager.Begin(View);
        var pass = (ScriptableRenderPass)FakeEngine.Enqueued;
#if UNITY_6000_0_OR_NEWER
        pass.RecordRenderGraph(new UnityEngine.Rendering.RenderGraphModule.RenderGraph(), new ContextContainer());
        FakeEngine.Commands.Execute();
#else
        var data = new RenderingData();
        data.cameraData.camera = View;
        data.cameraData.renderer = new ScriptableRenderer();
        data.cameraData.cameraTargetDescriptor = new RenderTextureDescriptor { width = FakeEngine.Width, height = FakeEngine.Height };
        pass.Execute(default(ScriptableRenderContext), ref data);
#endif
#else
        Call(_camera, "OnRenderImage", Source, null);
#endif
        FakeEngine.FinishReadbacks();
        Call(_camera, "Update");
        Thread.Sleep(2);
    }

#if !FRAMEGEN_URP
    static readonly RenderTexture Source = NewSource();

    static RenderTexture NewSource()
    {
        var source = new RenderTexture(FakeEngine.Width, FakeEngine.Height, 24, RenderTextureFormat.ARGBHalf);
        FakeEngine.Alive.Remove(source);
        return source;
    }
#endif

    static void Set(string field, object value)
        => typeof(FrameGenCamera).GetField(field, BindingFlags.NonPublic | BindingFlags.Instance).SetValue(_camera, value);

    static void Call(object component, string message, params object[] arguments)
        => component.GetType().GetMethod(message, BindingFlags.NonPublic | BindingFlags.Instance).Invoke(component, arguments);
}
