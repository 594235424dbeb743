using System;
using System.Collections.Generic;
using FrameGen.Pack;

namespace FrameGen.Protocol
{
    /// <summary>
    /// Messages of a client to parts. <see cref="Frame"/> writes into buffers that are used again; the others are rare
    /// and return a header of their own. Not thread-safe.
    /// </summary>
    public sealed class Encoder
    {
        readonly PackWriter _writer = new PackWriter();
        readonly List<ArraySegment<byte>> _parts = new List<ArraySegment<byte>>();
        readonly int[] _partOf = new int[Protocol.Frame.MaxPlanes];

        public byte[] Hello(Hello hello)
        {
            Begin(MessageType.Hello, 5);
            _writer.Text("protocols");
            _writer.Texts(hello.Protocols);
            _writer.Text("client");
            _writer.Text(hello.Client);
            _writer.Text("codecs");
            _writer.Texts(hello.Codecs);
            _writer.Text("capabilities");
            _writer.Texts(hello.Capabilities);
            _writer.Text("settings");
            _writer.Value(hello.Settings);
            return _writer.ToArray();
        }

        public byte[] Settings(SettingsUpdate update)
        {
            Begin(MessageType.Settings, 2);
            _writer.Text("changes");
            _writer.Value(update.Changes);
            _writer.Text("request");
            _writer.Unsigned(update.Request);
            return _writer.ToArray();
        }

        public byte[] Reset()
        {
            Begin(MessageType.Reset, 0);
            return _writer.ToArray();
        }

        public byte[] Ping(long sentNs)
        {
            Begin(MessageType.Ping, 1);
            _writer.Text("sent_ns");
            _writer.Integer(sentNs);
            return _writer.ToArray();
        }

        public byte[] Pong(long sentNs, long receivedNs, long repliedNs)
        {
            Begin(MessageType.Pong, 3);
            _writer.Text("sent_ns");
            _writer.Integer(sentNs);
            _writer.Text("received_ns");
            _writer.Integer(receivedNs);
            _writer.Text("replied_ns");
            _writer.Integer(repliedNs);
            return _writer.ToArray();
        }

        public byte[] Error(ErrorMessage error)
        {
            Begin(MessageType.Error, 4 + (error.FrameId.HasValue ? 1 : 0) + (error.Request.HasValue ? 1 : 0));
            _writer.Text("code");
            _writer.Text(error.Code);
            _writer.Text("message");
            _writer.Text(error.Message);
            _writer.Text("hint");
            _writer.Text(error.Hint);
            _writer.Text("fatal");
            _writer.Flag(error.Fatal);
            if (error.FrameId.HasValue) Entry("frame_id", error.FrameId.Value);
            if (error.Request.HasValue) Entry("request", error.Request.Value);
            return _writer.ToArray();
        }

        public byte[] Bye(string reason)
        {
            Begin(MessageType.Bye, 1);
            _writer.Text("reason");
            _writer.Text(reason);
            return _writer.ToArray();
        }

        /// <summary>
        /// A frame's header and payloads, valid until the next call; the payloads are the planes' own arrays, never
        /// copied. Throws <see cref="ProtocolException"/> where the server would refuse the frame.
        /// </summary>
        public List<ArraySegment<byte>> Frame(Frame frame, Limits limits)
        {
            FrameRules.Check(frame, limits);
            _parts.Clear();
            _parts.Add(new ArraySegment<byte>()); // the header's place: its descriptors need the parts first
            for (var i = 0; i < frame.PlaneCount; i++) _partOf[i] = PartOf(frame.Planes[i].Bytes);
            WriteFrame(frame);
            _parts[0] = _writer.Written;
            return _parts;
        }

        // Planes of one array share a part: engines read back one buffer, and cutting it up would be a copy.
        int PartOf(ArraySegment<byte> bytes)
        {
            for (var i = 1; i < _parts.Count; i++)
            {
                var part = _parts[i];
                if (part.Array != bytes.Array) continue;
                var start = Math.Min(part.Offset, bytes.Offset);
                var end = Math.Max(part.Offset + part.Count, bytes.Offset + bytes.Count);
                _parts[i] = new ArraySegment<byte>(bytes.Array, start, end - start);
                return i;
            }
            _parts.Add(bytes);
            return _parts.Count - 1;
        }

        void WriteFrame(Frame frame)
        {
            Begin(MessageType.Frame, 8 + (frame.HasMotionFrom ? 1 : 0) + (frame.HasLight ? 1 : 0) + (frame.HasCamera ? 2 : 0));
            Entry("frame_id", frame.Id);
            _writer.Text("timestamp_ns");
            _writer.Integer(frame.TimestampNs);
            Entry("width", (ulong)frame.Width);
            Entry("height", (ulong)frame.Height);
            _writer.Text("jitter_px");
            _writer.Numbers(frame.JitterPx);
            _writer.Text("color_resolved");
            _writer.Flag(frame.ColorResolved);
            _writer.Text("reset");
            _writer.Flag(frame.Reset);
            if (frame.HasMotionFrom) Entry("motion_from_frame_id", frame.MotionFromFrameId);
            if (frame.HasLight)
            {
                _writer.Text("light_direction");
                _writer.Numbers(frame.LightDirection);
            }
            if (frame.HasCamera) WriteCamera(frame);
            _writer.Text("planes");
            _writer.Map(frame.PlaneCount);
            for (var i = 0; i < frame.PlaneCount; i++) WritePlane(frame.Planes[i], _partOf[i]);
        }

        void WriteCamera(Frame frame)
        {
            _writer.Text("world_origin_m");
            _writer.Numbers(frame.WorldOriginM);
            _writer.Text("camera");
            _writer.Map(4);
            _writer.Text("view_from_world");
            _writer.Numbers(frame.ViewFromWorld);
            _writer.Text("clip_from_view");
            _writer.Numbers(frame.ClipFromView);
            _writer.Text("near_m");
            _writer.Number(frame.NearM);
            _writer.Text("far_m");
            _writer.Number(frame.FarM);
        }

        void WritePlane(Plane plane, int part)
        {
            var isLog = plane.Format == PlaneFormat.U16Log;
            _writer.Text(PlaneTable.Names[(int)plane.Name]);
            _writer.Map(isLog ? 7 : 5);
            _writer.Text("format");
            _writer.Text(PlaneTable.Formats[(int)plane.Format]);
            _writer.Text("codec");
            _writer.Text(PlaneTable.Codecs[(int)plane.Codec]);
            Entry("part", (ulong)part);
            Entry("offset", (ulong)(plane.Bytes.Offset - _parts[part].Offset));
            Entry("length", (ulong)plane.Bytes.Count);
            if (!isLog) return;
            _writer.Text("near_m");
            _writer.Number(plane.NearM);
            _writer.Text("far_m");
            _writer.Number(plane.FarM);
        }

        void Begin(MessageType type, int fields)
        {
            _writer.Clear();
            _writer.Map(fields + 1);
            _writer.Text("type");
            _writer.Text(MessageNames.All[(int)type]);
        }

        void Entry(string name, ulong value)
        {
            _writer.Text(name);
            _writer.Unsigned(value);
        }
    }
}
