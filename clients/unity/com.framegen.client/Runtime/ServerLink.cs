using System;
using System.Collections.Generic;
using FrameGen.Client;
using FrameGen.Protocol;
using UnityEngine;

namespace FrameGen
{
    /// <summary>The values of a look, to see whether they have changed.</summary>
    struct KeptLook
    {
        string _prompt, _negative, _model;
        float _intensity, _strength;
        int _seed;
        SunRule _sun;
        object _labels; // a new one whenever there are more; null before the first look

        public bool Matches(FrameGenLook look, string prompt, object labels)
            => ReferenceEquals(_labels, labels) && _prompt == prompt && _negative == look.NegativePrompt && _model == look.Model && _intensity == look.Intensity
                && _strength == look.Strength && _seed == look.Seed && _sun == look.Sun;

        public void Take(FrameGenLook look, string prompt, object labels)
        {
            _labels = labels;
            _prompt = prompt;
            _negative = look.NegativePrompt;
            _model = look.Model;
            _intensity = look.Intensity;
            _strength = look.Strength;
            _seed = look.Seed;
            _sun = look.Sun;
        }
    }

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
        KeptLook _kept;
        uint _openRequest; // the last update, until it is answered; 0 otherwise
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

        /// <summary>Whether the server has answered everything that it was told.</summary>
        public bool IsSettled => _openRequest == 0;

        /// <summary>
        /// Says what of the settings has changed, at most ten times a second: a slider that is dragged makes sixty.
        /// </summary>
        public void Keep(FrameGenLook look, string prompt, Dictionary<string, object> labels, bool force)
        {
            var now = Time.realtimeSinceStartup;
            if (now < _nextSettings && !force) return;
            if (_kept.Matches(look, prompt, labels)) return; // nothing is made anew while nothing changes
            _nextSettings = now + SettingsPauseS;
            _kept.Take(look, prompt, labels);
            look.WriteTo(_wanted);
            _wanted["prompt"] = prompt;
            if (labels.Count > 0) _wanted["labels"] = labels;
            var changes = SettingsMap.Difference(_said, _wanted);
            if (changes == null) return;
            _said = SettingsMap.Merged(_said, changes);
            _openRequest = _client.Update(changes);
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
                    _status.Complain("");
                    if (Connected != null) Connected();
                    break;
                case ClientEventKind.SettingsApplied:
                    _status.Understood = happened.Applied.Understood;
                    _status.Ignored = happened.Applied.Ignored;
                    Settle(happened);
                    break;
                case ClientEventKind.Lost:
                    _status.Complain(Words(happened));
                    if (Lost != null) Lost(_status.Complaint);
                    break;
                case ClientEventKind.Error:
                    Settle(happened);
                    _status.Complain(Words(happened));
                    if (Failed != null) Failed(_status.Complaint);
                    break;
            }
        }

        void Settle(ClientEvent answer)
        {
            if (answer.Request == _openRequest) _openRequest = 0;
        }

        static string Words(ClientEvent happened)
            => happened.Hint == "" ? happened.Message : happened.Message + " " + happened.Hint;

        public void Dispose() => _client.Dispose();
    }
}
