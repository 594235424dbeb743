namespace FrameGen.Protocol
{
    /// <summary>A result's header to the <see cref="Result"/> in whose parts it came.</summary>
    static class ResultReader
    {
        public static void Read(Fields f, Limits limits, Result result)
        {
            ulong width = f.Unsigned("width"), height = f.Unsigned("height");
            FrameRules.CheckSize(width, height, limits);
            result.Width = (int)width;
            result.Height = (int)height;
            var how = f.Choice("how", Result.HowNames);
            if (how < 0) throw new ProtocolException(ErrorCodes.MalformedMessage, "A result was made in an unknown way.");
            result.How = (How)how;
            result.FrameId = f.Unsigned("frame_id");
            result.TimestampNs = f.Signed("timestamp_ns");
            result.SettingsRevision = f.Unsigned32("settings_revision");
            result.Model = f.TextOr("model", "", result.Model);
            result.Seed = f.Unsigned32("seed", 0);
            result.HasSun = f.Vector("sun_direction", result.SunDirection);
            f.Numbers("stamps_ns", result.StampsNs, true);
            f.Numbers("stages_ms", result.StagesMs, false);
            var planes = f.Inner("planes");
            result.Image = PlaneReader.Read(planes, PlaneName.Image, result.Parts, result.Width, result.Height);
            result.HasGrid = planes.Has("color_grid");
            if (!result.HasGrid) return;
            result.Grid = PlaneReader.Read(planes, PlaneName.ColorGrid, result.Parts, result.Width, result.Height);
            CheckGrid(result.Grid);
        }

        static void CheckGrid(Plane grid)
        {
            if (grid.Codec != PlaneCodec.Raw) throw new ProtocolException(ErrorCodes.UnsupportedCodec, "The colour grid is raw.");
            for (int at = grid.Bytes.Offset + 1, end = grid.Bytes.Offset + grid.Bytes.Count; at < end; at += 2)
                if ((grid.Bytes.Array[at] & 0x7c) == 0x7c)
                    throw new ProtocolException(ErrorCodes.MalformedMessage, "The colour grid has NaN or infinite values.");
        }
    }
}
