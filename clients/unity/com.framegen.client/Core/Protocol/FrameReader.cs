using FrameGen.Zmtp;

namespace FrameGen.Protocol
{
    /// <summary>A frame's header to a <see cref="Frame"/>, as strictly as a server reads it.</summary>
    static class FrameReader
    {
        public static void Read(Fields f, ZmtpMessage parts, Limits limits, Frame frame)
        {
            frame.Clear();
            ulong width = f.Unsigned("width"), height = f.Unsigned("height");
            FrameRules.CheckSize(width, height, limits);
            frame.Width = (int)width;
            frame.Height = (int)height;
            frame.Id = f.Unsigned("frame_id");
            frame.TimestampNs = f.Signed("timestamp_ns", 0);
            frame.HasMotionFrom = f.Has("motion_from_frame_id");
            frame.MotionFromFrameId = f.Unsigned("motion_from_frame_id", 0);
            frame.HasLight = f.Vector("light_direction", frame.LightDirection);
            f.Vector("jitter_px", frame.JitterPx);
            frame.ColorResolved = f.Flag("color_resolved", false);
            frame.Reset = f.Flag("reset", false);
            if (f.Has("camera")) ReadCamera(f, frame);
            var planes = f.Inner("planes");
            for (var name = PlaneName.Color; name <= PlaneName.DynamicMask; name++)
                if (planes.Has(PlaneTable.Names[(int)name]))
                    frame.Planes[frame.PlaneCount++] = PlaneReader.Read(planes, name, parts, frame.Width, frame.Height);
            FrameRules.Check(frame, limits);
            FrameRules.CheckPixels(frame);
        }

        static void ReadCamera(Fields f, Frame frame)
        {
            var camera = f.Inner("camera");
            if (!camera.Vector("view_from_world", frame.ViewFromWorld) || !camera.Vector("clip_from_view", frame.ClipFromView))
                throw new ProtocolException(ErrorCodes.MalformedMessage, "A camera has two matrices.");
            frame.NearM = camera.Number("near_m");
            frame.FarM = camera.Number("far_m", true);
            f.Vector("world_origin_m", frame.WorldOriginM);
            frame.HasCamera = true;
        }
    }
}
