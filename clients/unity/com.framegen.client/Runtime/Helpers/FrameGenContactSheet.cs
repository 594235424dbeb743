using System;
using System.Collections;
using System.Collections.Generic;
using UnityEngine;

namespace FrameGen
{
    /// <summary>
    /// Renders the camera's current view under a list of prompts, one after the other, into one picture: for choosing
    /// a look. Keep the camera still meanwhile. Runs as a coroutine in play mode.
    /// </summary>
    public static class FrameGenContactSheet
    {
        const float PatienceS = 20;
        const int Gap = 4;

        /// <summary>
        /// Makes the sheet, its cells in rows of <paramref name="columns"/>. Where the server does not answer in time a
        /// cell stays black. <paramref name="done"/> gets the texture, which is then the caller's to destroy; null where
        /// not one prompt had a picture.
        /// </summary>
        /// <param name="camera">A running FrameGen Camera.</param>
        /// <param name="prompts">At least one.</param>
        /// <param name="columns">At least one.</param>
        /// <param name="settleResults">Results to wait for per prompt: what is reused from the last look fades.</param>
        /// <param name="progress">Gets 0..1; may be null.</param>
        /// <param name="done">Gets the sheet.</param>
        public static IEnumerator Make(
            FrameGenCamera camera, IReadOnlyList<string> prompts, int columns, int settleResults, Action<float> progress, Action<Texture2D> done)
        {
            Texture2D sheet = null;
            var look = ScriptableObject.CreateInstance<FrameGenLook>();
            if (camera.Look != null) look.CopyFrom(camera.Look);
            else TakeFields(camera, look);
            for (var i = 0; i < prompts.Count; i++)
            {
                look.Prompt = prompts[i];
                camera.Preview = look;
                camera.Cut();
                yield return null; // the update that sends the prompt
                yield return null;
                var until = Time.realtimeSinceStartup + PatienceS;
                var results = 0;
                UnityEngine.Events.UnityAction count = () => results += camera.IsSettled && camera.ResultRevision >= camera.SettingsRevision ? 1 : 0;
                camera.OnResult.AddListener(count);
                while (results < settleResults && Time.realtimeSinceStartup < until) yield return null;
                camera.OnResult.RemoveListener(count);
                if (results >= settleResults && camera.ResultTexture != null)
                {
                    if (sheet == null) sheet = Blank(camera.ResultTexture, prompts.Count, columns);
                    Paste(camera.ResultTexture, camera.IsResultBottomUp, sheet, i, columns);
                }
                if (progress != null) progress((i + 1f) / prompts.Count);
            }
            camera.Preview = null;
            UnityEngine.Object.Destroy(look);
            if (sheet != null) sheet.Apply(false);
            done(sheet);
        }

        static void TakeFields(FrameGenCamera camera, FrameGenLook look)
        {
            look.Intensity = camera.Intensity;
            look.Strength = camera.Strength;
            look.Sun = camera.Sun;
        }

        static Texture2D Blank(Texture2D cell, int count, int columns)
        {
            var rows = (count + columns - 1) / columns;
            var sheet = new Texture2D(columns * (cell.width + Gap) - Gap, rows * (cell.height + Gap) - Gap, TextureFormat.RGBA32, false);
            var pixels = sheet.GetPixels32();
            for (var i = 0; i < pixels.Length; i++) pixels[i] = new Color32(0, 0, 0, 255);
            sheet.SetPixels32(pixels);
            return sheet;
        }

        // Raw results have their first row at v = 0, pictures that are saved as PNG at v = 1.
        static void Paste(Texture2D cell, bool isBottomUp, Texture2D sheet, int index, int columns)
        {
            int width = cell.width, height = cell.height;
            if ((index % columns + 1) * (width + Gap) - Gap > sheet.width || (index / columns + 1) * (height + Gap) - Gap > sheet.height) return;
            var from = cell.GetPixels32();
            var upright = new Color32[from.Length];
            for (var row = 0; row < height; row++) Array.Copy(from, row * width, upright, (isBottomUp ? row : height - 1 - row) * width, width);
            var top = sheet.height - index / columns * (height + Gap);
            sheet.SetPixels32(index % columns * (width + Gap), top - height, width, height, upright);
        }
    }
}
