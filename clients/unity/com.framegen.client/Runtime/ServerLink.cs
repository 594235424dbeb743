using System;
using System.Collections.Generic;
using FrameGen.Client;
using FrameGen.Protocol;
using UnityEngine;

namespace FrameGen
{
    /// <summary>
    /// A component's connection: keeps the server's settings equal to the wanted ones, and hands on events on the main
    /// thread. Knows no textures.
    /// </summary>
    sealed class ServerLink : IDisposable
    {
        const float SettingsPauseS = 0.1f;

        readonly FrameGenClient _client;
        readonly FrameGenStatus _status;
        Dictionary<string, object> _said;
        readonly Dictionary<string, object> _wanted = new Dictionary<string, object>();
        float _nextSettings;

        public event Action Connected;
        public event Action<string> Lost, Failed;

        /// <summary>Throws FormatException where the address is none.</summary>
        public ServerLink(string address, string token, bool jpeg, int framesInFlight, bool checkFrames, Dictionary<string, object> settings, FrameGenStatus status)
        {
            _status = status;
            _said = new Dictionary<string, object>(settings);
            _client = new FrameGenClient(new ClientOptions
            {
                Address = address,
                Token = token,
                Name = "framegen-unity 0.1.0 (Unity " + Application.unityVersion + ")",
                Codecs = jpeg ? new[] { "raw", "jpeg" } : new[] { "raw" },
                Settings = new Dictionary<string, object>(settings),
                MaxInFlight = framesInFlight,
                WidenToRgba = true,
                CheckPixels = checkFrames
            });
        }

        public bool WantsFrame => _client.WantsFrame;

        public void Offer(Frame frame) => _client.Offer(frame);

        public Result TakeResult() => _client.TakeResult();

        public void Recycle(Result result) => _client.Recycle(result);

        public void Reset() => _client.Reset();

        /// <summary>Revision of the settings that the server confirmed last.</summary>
        public uint SettingsRevision => _client.SettingsRevision;

        /// <summary>Whether the server was told of everything that is wanted.</summary>
        public bool IsSettled { get; private set; }

        /// <summary>
        /// Says what of the settings has changed, at most ten times a second: a slider that is dragged makes sixty.
        /// </summary>
        public void Keep(FrameGenLook look, string prompt, Dictionary<string, object> labels, bool force)
        {
            var now = Time.realtimeSinceStartup;
            if (now < _nextSettings && !force) return;
            _nextSettings = now + SettingsPauseS;
            look.WriteTo(_wanted);
            _wanted["prompt"] = prompt;
            if (labels != null) _wanted["labels"] = labels;
            var changes = SettingsMap.Difference(_said, _wanted);
            if (changes == null) return;
            _said = SettingsMap.Merged(_said, changes);
            _client.Update(changes);
            IsSettled = false;
        }

        /// <summary>Hands on what happened since the last call.</summary>
        public void Poll()
        {
            for (var happened = _client.TakeEvent(); happened != null; happened = _client.TakeEvent()) Take(happened);
            _status.IsConnected = _client.IsOpen;
            _status.Counts = _client.Stats;
        }

        void Take(ClientEvent happened)
        {
            switch (happened.Kind)
            {
                case ClientEventKind.Connected:
                    _status.Server = happened.Welcome.Server;
                    _status.Complaint = "";
                    IsSettled = true; // the hello brought them
                    if (Connected != null) Connected();
                    break;
                case ClientEventKind.SettingsApplied:
                    _status.Understood = happened.Applied.Understood;
                    _status.Ignored = happened.Applied.Ignored;
                    IsSettled = true;
                    break;
                case ClientEventKind.Lost:
                    _status.Complaint = Words(happened);
                    if (Lost != null) Lost(_status.Complaint);
                    break;
                case ClientEventKind.Error:
                    _status.Complaint = Words(happened);
                    if (Failed != null) Failed(_status.Complaint);
                    break;
            }
        }

        static string Words(ClientEvent happened)
            => happened.Hint == "" ? happened.Message : happened.Message + " " + happened.Hint;

        public void Dispose() => _client.Dispose();
    }
}
