using System;
using System.Collections.Generic;
using FrameGen.Client;
using FrameGen.Protocol;
using UnityEngine;
using UnityEngine.Events;

namespace FrameGen
{
    /// <summary>What is on the screen.</summary>
    public enum DisplayMode
    {
        [Tooltip("The engine's picture.")]
        Plain,
        [Tooltip("The restyled picture.")]
        Restyled,
        [Tooltip("The engine's on the left, the restyled on the right.")]
        Split
    }

    /// <summary>Text of an error or loss.</summary>
    [Serializable]
    public sealed class FrameGenTextEvent : UnityEvent<string> { }

    /// <summary>
    /// Put this on a camera and press play: its picture goes to a framegen server and comes back photoreal, under the
    /// HUD. Without a server the plain picture is shown; when one appears, it is used.
    /// </summary>
    [AddComponentMenu("FrameGen/FrameGen Camera")]
    [RequireComponent(typeof(Camera))]
    [DisallowMultipleComponent]
    [HelpURL("https://github.com/framegen/framegen")]
    public sealed partial class FrameGenCamera : MonoBehaviour
    {
        [Header("Server")]
        [Tooltip("Where the server listens. On this machine: tcp://127.0.0.1:5555")]
        [SerializeField] string _address = "tcp://127.0.0.1:5555";

        [Tooltip("The server's token. Empty for a server on this machine.")]
        [SerializeField] string _token = "";

        [Tooltip("Take results as JPEG: for slow networks. Costs milliseconds of the main thread.")]
        [SerializeField] bool _jpegResults = false;

        [Header("Look")]
        [Tooltip("A saved look. Its values are used instead of those below.")]
        [SerializeField] FrameGenLook _look = null;

        [Tooltip("What the picture should look like: materials, weather, time of day.")]
        [TextArea(2, 6)]
        [SerializeField] string _prompt = "photograph, golden hour";

        [Tooltip("0 shows the engine's picture, 1 the model's.")]
        [Range(0, 1)]
        [SerializeField] float _intensity = 1;

        [Tooltip("How far the model may depart from the source.")]
        [Range(0, 1)]
        [SerializeField] float _strength = 0.5f;

        [Tooltip("Who says where the sun stands.")]
        [SerializeField] SunRule _sun = SunRule.Auto;

        [Tooltip("The scene's sun. Empty: the one of the lighting settings.")]
        [SerializeField] Light _sunLight = null;

        [Tooltip("Where the prompt rules the sun, turn the scene's light after it.")]
        [SerializeField] bool _turnSunLight = false;

        [Header("Picture")]
        [Tooltip("Width of the frames that are sent, pixels. The height follows from the camera's shape.")]
        [Range(128, 1920)]
        [SerializeField] int _width = 512;

        [Tooltip("What is on the screen.")]
        [SerializeField] DisplayMode _display = DisplayMode.Restyled;

        [Tooltip("Where the restyled half begins.")]
        [Range(0, 1)]
        [SerializeField] float _split = 0.5f;

        [Tooltip("Move the last result with the camera until the next one comes: smooth turning at any server speed.")]
        [SerializeField] bool _lateReprojection = true;

        [Header("Labels")]
        [Tooltip("Label what has no FrameGen Tag by the names of its materials, objects and meshes: brick wall, glass, car.")]
        [SerializeField] bool _tagsByName = true;

        [Header("Advanced")]
        [Tooltip("Length of one unit of the world in metres.")]
        [Min(0.0001f)]
        [SerializeField] float _metresPerUnit = 1;

        [Tooltip("Send motion vectors. Without them the server computes the camera's part, and things that move need a FrameGen Tag.")]
        [SerializeField] bool _motionVectors = true;

        [Tooltip("Frames on their way to the server at once.")]
        [Range(1, 4)]
        [SerializeField] int _framesInFlight = 2;

        [Tooltip("Read every frame before it is sent, and say what a server would refuse. For finding faults: slow.")]
        [SerializeField] bool _checkFrames = false;

        [Header("Events")]
        [SerializeField] UnityEvent _onConnected = new UnityEvent();
        [SerializeField] FrameGenTextEvent _onLost = new FrameGenTextEvent();
        [SerializeField] UnityEvent _onResult = new UnityEvent();
        [SerializeField] FrameGenTextEvent _onError = new FrameGenTextEvent();

        public string Address { get { return _address; } set { _address = value; } }

        public string Token { get { return _token; } set { _token = value; } }

        public FrameGenLook Look { get { return _look; } set { _look = value; } }

        public string Prompt { get { return _prompt; } set { _prompt = value; } }

        public float Intensity { get { return _intensity; } set { _intensity = Mathf.Clamp01(value); } }

        public float Strength { get { return _strength; } set { _strength = Mathf.Clamp01(value); } }

        public SunRule Sun { get { return _sun; } set { _sun = value; } }

        /// <summary>Width of the frames that are sent, pixels.</summary>
        public int Width { get { return _width; } set { _width = Mathf.Clamp(value, 128, 1920); } }

        public DisplayMode Display { get { return _display; } set { _display = value; } }

        /// <summary>Where the restyled half begins in split mode, 0..1.</summary>
        public float Split { get { return _split; } set { _split = Mathf.Clamp01(value); } }

        public bool LateReprojection { get { return _lateReprojection; } set { _lateReprojection = value; } }

        /// <summary>Whether what has no <see cref="FrameGenTag"/> is labelled by its names.</summary>
        public bool TagsByName { get { return _tagsByName; } set { _tagsByName = value; } }

        /// <summary>A session is open.</summary>
        public UnityEvent OnConnected => _onConnected;

        /// <summary>The session is over, with the reason. A new one is tried for by itself.</summary>
        public FrameGenTextEvent OnLost => _onLost;

        /// <summary>A new result is shown.</summary>
        public UnityEvent OnResult => _onResult;

        /// <summary>The server refused something, with the reason; the session goes on.</summary>
        public FrameGenTextEvent OnError => _onError;

        public FrameGenStatus Status { get; } = new FrameGenStatus();

        /// <summary>
        /// The last result, sRGB-encoded values, first row at v = 0 unless <see cref="IsResultBottomUp"/>; null before the first.
        /// </summary>
        public Texture2D ResultTexture => _shown == null ? null : _shown.Texture;

        /// <summary>Whether <see cref="ResultTexture"/> has its first row at v = 1, as Unity decodes JPEG.</summary>
        public bool IsResultBottomUp => _shown != null && _shown.IsBottomUp;

        /// <summary>Revision of the settings that <see cref="ResultTexture"/> was made with.</summary>
        public uint ResultRevision { get; private set; }

        /// <summary>Says that the next frame follows a cut: a teleport, another level.</summary>
        public void Cut() => _cut = true;

        /// <summary>A look that rules over everything else while it is not null; the contact sheet uses it.</summary>
        public FrameGenLook Preview { get; set; }

        /// <summary>Whether the server works with the settings that are wanted now.</summary>
        public bool IsSettled => _link != null && Status.IsConnected && _link.IsSettled;

        /// <summary>Revision of the settings that the server confirmed last.</summary>
        public uint SettingsRevision => _link == null ? 0 : _link.SettingsRevision;

        internal bool NeedsMotion => _motionVectors;

        Camera _camera;
        ShaderSet _shaders;
        FrameRecorder _recorder;
        FrameComposer _composer;
        CapturePool _pool;
        ResultPicture _shown;
        CaptureSlot _shownSlot;
        ServerLink _link;
        CameraTags _tags;
        FrameGenLook _own;
        readonly CameraPose _pose = new CameraPose();
        readonly double[] _lastView = new double[16];
        ulong _frameId;
        ulong _enabledAt;
        string _openAddress, _openToken;
        int _openInFlight;
        bool _cut, _hasView, _openJpeg, _openCheck;

        void OnEnable()
        {
            _camera = GetComponent<Camera>();
            if (!SystemInfo.supportsComputeShaders || !SystemInfo.supportsAsyncGPUReadback)
            {
                Debug.LogError("FrameGen needs compute shaders and asynchronous GPU readback, which this graphics API lacks. The plain picture is shown.", this);
                enabled = false;
                return;
            }
            try
            {
                _shaders = new ShaderSet();
            }
            catch (InvalidOperationException error)
            {
                Debug.LogError("FrameGen: " + error.Message, this);
                enabled = false;
                return;
            }
            _recorder = new FrameRecorder(_shaders);
            _composer = new FrameComposer(_shaders);
            _shown = new ResultPicture();
            _tags = new CameraTags();
            _own = ScriptableObject.CreateInstance<FrameGenLook>();
            _own.hideFlags = HideFlags.HideAndDontSave;
            _enabledAt = _frameId;
            OpenLink();
            EnablePipeline();
        }

        void OnDisable()
        {
            DisablePipeline();
            CloseLink();
            if (_pool != null) _pool.Dispose();
            _pool = null;
            _shownSlot = null;
            if (_shown != null) _shown.Dispose();
            _shown = null;
            if (_tags != null) _tags.Dispose();
            if (_shaders != null) _shaders.Dispose();
            _shaders = null;
            if (_own != null) Destroy(_own);
            _own = null;
        }

        void OpenLink()
        {
            _openAddress = _address;
            _openToken = _token;
            _openJpeg = _jpegResults;
            _openInFlight = _framesInFlight;
            _openCheck = _checkFrames;
            var settings = new Dictionary<string, object>();
            WantedLook().WriteTo(settings);
            settings["prompt"] = WantedPrompt();
            settings["color_grid"] = true;
            settings["output_codec"] = _jpegResults ? "jpeg" : "raw";
            _tags.Update(_tagsByName, false);
            if (_tags.Table.Count > 0) settings["labels"] = _tags.Table;
            try
            {
                _link = new ServerLink(_address, _token, _jpegResults, _framesInFlight, _checkFrames, settings, Status);
            }
            catch (FormatException error)
            {
                Status.Complain(error.Message);
                Debug.LogError("FrameGen: " + error.Message, this);
                return;
            }
            _link.Connected += _onConnected.Invoke;
            _link.Lost += _onLost.Invoke;
            _link.Failed += _onError.Invoke;
        }

        void CloseLink()
        {
            if (_link != null) _link.Dispose();
            _link = null;
            Status.IsConnected = false;
        }

        // Of the inspector's values those that need another connection.
        bool IsLinkStale
            => _openAddress != _address || _openToken != _token || _openJpeg != _jpegResults || _openInFlight != _framesInFlight || _openCheck != _checkFrames;

        void Update()
        {
            if (IsLinkStale)
            {
                CloseLink();
                OpenLink();
            }
            if (_link == null) return;
            _link.Poll();
            _tags.Update(_tagsByName, Status.IsConnected);
            _link.Keep(WantedLook(), WantedPrompt(), _tags.Table, Preview != null);
            var result = _link.TakeResult();
            if (result == null) return;
            Show(result);
            _link.Recycle(result);
            _onResult.Invoke();
        }

        void Show(Result result)
        {
            _shown.Show(result);
            _shownSlot = _pool == null ? null : _pool.Find(result.FrameId);
            ResultRevision = result.SettingsRevision;
            var nowNs = MonotonicClock.NowNs;
            Status.CountResult(nowNs);
            Status.LatencyMs = (nowNs - result.TimestampNs) * 1e-6f;
            Status.RoundTripMs = result.RoundTripNs * 1e-6f;
            var model = result.StagesMs.IndexOf("model");
            if (model >= 0) Status.ModelMs = (float)result.StagesMs.Number(model);
            Status.Model = result.Model;
            Status.IsReprojected = _lateReprojection && _shownSlot != null;
            if (_turnSunLight && result.HasSun && WantedLook().Sun == SunRule.Prompt) SunDirection.Turn(SunLight, result.SunDirection);
        }

        Light SunLight => _sunLight != null ? _sunLight : RenderSettings.sun;

        // The look that holds now: a preview, the volume that the camera is in, the saved look, the fields above.
        FrameGenLook WantedLook()
        {
            if (Preview != null) return Preview;
            var volume = FrameGenPromptVolume.At(transform.position);
            if (volume != null && volume.Look != null) return volume.Look;
            if (_look != null) return _look;
            _own.Prompt = _prompt;
            _own.Intensity = _intensity;
            _own.Strength = _strength;
            _own.Sun = _sun;
            return _own;
        }

        string WantedPrompt()
        {
            if (Preview != null) return Preview.Prompt;
            var volume = FrameGenPromptVolume.At(transform.position);
            if (volume == null) return WantedLook().Prompt;
            return volume.Look != null ? volume.Look.Prompt : volume.Prompt;
        }
    }
}
