using System;
using System.Collections.Generic;
using System.Globalization;
using FrameGen.Cameras;

/// <summary>
/// What the package makes of a Unity camera, as JSON. Words: algebra, then worldToCamera (16 numbers, row-major), the
/// projection drawn with (16), the clean one (16), near, far, orthographic (0/1), reversed depth (0/1), metres per unit,
/// width, height.
/// </summary>
static class AlgebraPrinter
{
    public static int Run(string[] words)
    {
        var numbers = new double[words.Length - 1];
        for (var i = 0; i < numbers.Length; i++) numbers[i] = double.Parse(words[i + 1], CultureInfo.InvariantCulture);
        double[] camera = new double[16], drawn = new double[16], clean = new double[16];
        Array.Copy(numbers, 0, camera, 0, 16);
        Array.Copy(numbers, 16, drawn, 0, 16);
        Array.Copy(numbers, 32, clean, 0, 16);
        double near = numbers[48], far = numbers[49], metres = numbers[52];
        double[] view = new double[16], clip = new double[16], depth = new double[4], jitter = new double[2];
        CameraAlgebra.ViewFromWorld(camera, metres, view);
        CameraAlgebra.ClipFromView(clean, metres, clip);
        CameraAlgebra.DepthFromBuffer(near, far, numbers[50] > 0, numbers[51] > 0, metres, depth);
        CameraAlgebra.JitterPx(drawn, clean, (int)numbers[53], (int)numbers[54], jitter);
        Console.WriteLine(Json.Of(new Dictionary<string, object>
        {
            { "view_from_world", view }, { "clip_from_view", clip }, { "depth_from_buffer", depth }, { "jitter_px", jitter }
        }));
        return 0;
    }
}
