using System;
using FrameGen.Zmtp;

namespace FrameGen.Protocol
{
    /// <summary>Finds a plane's bytes in the parts of its message.</summary>
    static class PlaneReader
    {
        /// <summary>
        /// The plane as its descriptor says, with its range, format and codec checked. Throws
        /// <see cref="ProtocolException"/>: malformed_message, unsupported_codec or invalid_frame.
        /// </summary>
        public static Plane Read(Fields planes, PlaneName name, ZmtpMessage parts, int width, int height)
        {
            var about = planes.Inner(PlaneTable.Names[(int)name]);
            var bytes = Range(about, parts);
            var format = about.Choice("format", PlaneTable.Formats);
            var codec = about.Has("codec") ? about.Choice("codec", PlaneTable.Codecs) : (int)PlaneCodec.Raw;
            if (format < 0 || codec < 0 || !PlaneTable.MayHave(name, (PlaneFormat)format))
                throw new ProtocolException(ErrorCodes.UnsupportedCodec, "A plane has a format or codec that it cannot have.");
            var plane = new Plane { Name = name, Format = (PlaneFormat)format, Codec = (PlaneCodec)codec, Bytes = bytes };
            if (plane.Codec == PlaneCodec.Jpeg) CheckJpeg(plane, width, height);
            else if (bytes.Count != PlaneTable.RawBytes(plane.Format, width, height))
                throw new ProtocolException(name == PlaneName.ColorGrid ? ErrorCodes.MalformedMessage : ErrorCodes.InvalidFrame,
                    "The plane " + PlaneTable.Names[(int)name] + " has " + bytes.Count + " bytes, which is not its size.");
            if (plane.Format == PlaneFormat.U16Log) ReadRange(about, ref plane);
            return plane;
        }

        static ArraySegment<byte> Range(Fields about, ZmtpMessage parts)
        {
            var part = about.Unsigned32("part");
            if (part < 1 || part >= parts.Count)
                throw new ProtocolException(ErrorCodes.MalformedMessage, "A plane lies in part " + part + ", which is not there.");
            var whole = parts[(int)part];
            var size = (ulong)whole.Count;
            var offset = about.Unsigned("offset", 0);
            if (offset > size) throw Outside();
            var length = about.Unsigned("length", size - offset);
            if (length > size - offset) throw Outside();
            return new ArraySegment<byte>(whole.Array, whole.Offset + (int)offset, (int)length);
        }

        static void CheckJpeg(Plane plane, int width, int height)
        {
            if (plane.Format != PlaneFormat.Rgb8)
                throw new ProtocolException(ErrorCodes.UnsupportedCodec, "Only rgb8 can be JPEG.");
            JpegMarkers.Check(plane.Bytes, width, height);
        }

        static void ReadRange(Fields about, ref Plane plane)
        {
            plane.NearM = about.Number("near_m");
            plane.FarM = about.Number("far_m");
            if (!(plane.NearM > 0 && plane.FarM > plane.NearM))
                throw new ProtocolException(ErrorCodes.InvalidFrame, "u16_log needs 0 < near_m < far_m.");
        }

        static ProtocolException Outside()
            => new ProtocolException(ErrorCodes.MalformedMessage, "A plane's range leaves its part.");
    }
}
