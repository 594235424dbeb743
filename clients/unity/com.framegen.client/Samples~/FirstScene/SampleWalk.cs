using UnityEngine;

namespace FrameGen.Samples
{
    /// <summary>
    /// Walks the camera down the street and back, turning its head; number keys choose a prompt, the space bar shows
    /// plain, restyled or split. What it writes on the screen is drawn over the result: a HUD is never restyled.
    /// </summary>
    [RequireComponent(typeof(FrameGenCamera))]
    public sealed class SampleWalk : MonoBehaviour
    {
        static readonly string[] Prompts =
        {
            "photograph, golden hour, old red brick", "photograph, overcast, wet asphalt", "night, neon lights, rain", "heavy snow, morning"
        };

        FrameGenCamera _camera;
        float _time;

        void Awake() => _camera = GetComponent<FrameGenCamera>();

        void Update()
        {
            _time += Time.deltaTime;
            var along = 35 - 35 * Mathf.Cos(_time * 0.08f);
            transform.position = new Vector3(Mathf.Sin(_time * 0.3f), 1.7f, along);
            transform.rotation = Quaternion.Euler(3 * Mathf.Sin(_time * 0.4f), 25 * Mathf.Sin(_time * 0.23f), 0);
        }

        // Events of the interface come with either of Unity's input systems.
        void OnGUI()
        {
            var pressed = Event.current;
            if (pressed.type == EventType.KeyDown)
            {
                var index = pressed.keyCode - KeyCode.Alpha1;
                if (index >= 0 && index < Prompts.Length) _camera.Prompt = Prompts[index];
                if (pressed.keyCode == KeyCode.Space) _camera.Display = (DisplayMode)(((int)_camera.Display + 1) % 3);
            }
            var status = _camera.Status;
            GUI.Label(new Rect(12, 10, 900, 24), "1 to 4: prompt   space: plain, restyled, split   " + _camera.Prompt);
            GUI.Label(new Rect(12, 32, 900, 24), status.IsConnected
                ? status.ResultsPerSecond.ToString("0.0") + " results a second, " + status.LatencyMs.ToString("0") + " ms"
                : "no server: " + status.Complaint);
        }
    }
}
