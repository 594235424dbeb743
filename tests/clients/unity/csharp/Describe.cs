using System;
using System.Collections.Generic;
using System.Globalization;
using FrameGen.Protocol;

/// <summary>A decoded message in the words of the vectors' JSON.</summary>
static class Describe
{
    public static Dictionary<string, object> Message(MessageType type, Decoder d, Result result)
    {
        var m = new Dictionary<string, object> { { "type", MessageNames.All[(int)type] } };
        switch (type)
        {
            case MessageType.Hello:
                m["protocols"] = d.Hello.Protocols;
                m["client"] = d.Hello.Client;
                m["codecs"] = d.Hello.Codecs;
                m["capabilities"] = d.Hello.Capabilities;
                m["settings"] = d.Hello.Settings;
                break;
            case MessageType.Welcome: Welcome(m, d.Welcome); break;
            case MessageType.Settings:
                m["changes"] = d.Settings.Changes;
                m["request"] = d.Settings.Request;
                break;
            case MessageType.SettingsApplied:
                m["request"] = d.SettingsApplied.Request;
                m["revision"] = d.SettingsApplied.Revision;
                m["understood"] = d.SettingsApplied.Understood;
                m["ignored"] = d.SettingsApplied.Ignored;
                break;
            case MessageType.Frame: Frame(m, d.Frame); break;
            case MessageType.Result: Answer(m, result); break;
            case MessageType.Superseded:
                m["frame_id"] = Digits(d.Superseded.FrameId);
                m["timestamp_ns"] = Digits(d.Superseded.TimestampNs);
                m["by_frame_id"] = Digits(d.Superseded.ByFrameId);
                break;
            case MessageType.Ping: m["sent_ns"] = Digits(d.Ping.SentNs); break;
            case MessageType.Pong:
                m["sent_ns"] = Digits(d.Pong.SentNs);
                m["received_ns"] = Digits(d.Pong.ReceivedNs);
                m["replied_ns"] = Digits(d.Pong.RepliedNs);
                break;
            case MessageType.Error:
                m["code"] = d.Error.Code;
                m["message"] = d.Error.Message;
                m["hint"] = d.Error.Hint;
                m["fatal"] = d.Error.Fatal;
                m["frame_id"] = d.Error.FrameId.HasValue ? Digits(d.Error.FrameId.Value) : null;
                m["request"] = d.Error.Request;
                break;
            case MessageType.Bye: m["reason"] = d.Bye.Reason; break;
        }
        return m;
    }

    static void Welcome(Dictionary<string, object> m, Welcome w)
    {
        m["protocol"] = w.Protocol;
        m["server"] = w.Server;
        m["session"] = w.Session;
        m["models"] = w.Models;
        m["codecs"] = w.Codecs;
        m["capabilities"] = w.Capabilities;
        m["settings"] = w.Settings;
        m["settings_revision"] = w.SettingsRevision;
        m["limits"] = new Dictionary<string, object>
        {
            { "max_message_bytes", w.Limits.MaxMessageBytes }, { "max_pixels", w.Limits.MaxPixels },
            { "max_side_px", w.Limits.MaxSidePx }, { "max_header_bytes", w.Limits.MaxHeaderBytes },
            { "max_header_depth", w.Limits.MaxHeaderDepth }, { "max_parts", w.Limits.MaxParts },
            { "idle_timeout_ms", w.Limits.IdleTimeoutMs }, { "heartbeat_ms", w.Limits.HeartbeatMs }
        };
    }

    static void Frame(Dictionary<string, object> m, Frame f)
    {
        m["frame_id"] = Digits(f.Id);
        m["timestamp_ns"] = Digits(f.TimestampNs);
        m["width"] = f.Width;
        m["height"] = f.Height;
        m["motion_from_frame_id"] = f.HasMotionFrom ? Digits(f.MotionFromFrameId) : null;
        m["world_origin_m"] = f.WorldOriginM;
        m["jitter_px"] = f.JitterPx;
        m["color_resolved"] = f.ColorResolved;
        m["reset"] = f.Reset;
        m["light_direction"] = f.HasLight ? f.LightDirection : null;
        m["camera"] = !f.HasCamera ? null : new Dictionary<string, object>
        {
            { "view_from_world", f.ViewFromWorld }, { "clip_from_view", f.ClipFromView }, { "near_m", f.NearM }, { "far_m", f.FarM }
        };
    }

    static void Answer(Dictionary<string, object> m, Result r)
    {
        m["frame_id"] = Digits(r.FrameId);
        m["timestamp_ns"] = Digits(r.TimestampNs);
        m["width"] = r.Width;
        m["height"] = r.Height;
        m["how"] = Result.HowNames[(int)r.How];
        m["settings_revision"] = r.SettingsRevision;
        m["model"] = r.Model;
        m["seed"] = r.Seed;
        m["sun_direction"] = r.HasSun ? r.SunDirection : null;
        var stamps = new Dictionary<string, object>();
        for (var i = 0; i < r.StampsNs.Count; i++) stamps[r.StampsNs.Name(i)] = Digits(r.StampsNs.Integer(i));
        m["stamps_ns"] = stamps;
        var stages = new Dictionary<string, object>();
        for (var i = 0; i < r.StagesMs.Count; i++) stages[r.StagesMs.Name(i)] = r.StagesMs.Number(i);
        m["stages_ms"] = stages;
    }

    public static Dictionary<string, object> Planes(MessageType type, Decoder d, Result result)
    {
        var planes = new Dictionary<string, object>();
        if (type == MessageType.Frame)
            for (var i = 0; i < d.Frame.PlaneCount; i++) Plane(planes, d.Frame.Planes[i]);
        if (type == MessageType.Result)
        {
            Plane(planes, result.Image);
            if (result.HasGrid) Plane(planes, result.Grid);
        }
        return planes;
    }

    static void Plane(Dictionary<string, object> planes, Plane plane)
    {
        planes[PlaneTable.Names[(int)plane.Name]] = new Dictionary<string, object>
        {
            { "format", PlaneTable.Formats[(int)plane.Format] }, { "codec", PlaneTable.Codecs[(int)plane.Codec] },
            { "near_m", plane.NearM }, { "far_m", plane.FarM }, { "bytes", Base64(plane.Bytes) }
        };
    }

    public static string Base64(ArraySegment<byte> bytes) => Convert.ToBase64String(bytes.Array, bytes.Offset, bytes.Count);

    static string Digits(ulong value) => value.ToString(CultureInfo.InvariantCulture);

    static string Digits(long value) => value.ToString(CultureInfo.InvariantCulture);
}
