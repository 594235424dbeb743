using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

/// <summary>Writes JSON in the words of the vectors: infinity is "inf", every ulong and long is as it is.</summary>
static class Json
{
    public static string Of(object value)
    {
        var text = new StringBuilder();
        Write(text, value);
        return text.ToString();
    }

    static void Write(StringBuilder text, object value)
    {
        if (value == null) text.Append("null");
        else if (value is bool) text.Append((bool)value ? "true" : "false");
        else if (value is string) Quote(text, (string)value);
        else if (value is double) Number(text, (double)value);
        else if (value is IDictionary<string, object>) Map(text, (IDictionary<string, object>)value);
        else if (value is IEnumerable) List(text, (IEnumerable)value);
        else text.Append(Convert.ToString(value, CultureInfo.InvariantCulture));
    }

    static void Number(StringBuilder text, double value)
    {
        if (double.IsInfinity(value)) text.Append(value > 0 ? "\"inf\"" : "\"-inf\"");
        else text.Append(value.ToString("R", CultureInfo.InvariantCulture));
    }

    static void Map(StringBuilder text, IDictionary<string, object> map)
    {
        var comma = "{";
        foreach (var entry in map)
        {
            text.Append(comma);
            Quote(text, entry.Key);
            text.Append(':');
            Write(text, entry.Value);
            comma = ",";
        }
        text.Append(map.Count == 0 ? "{}" : "}");
    }

    static void List(StringBuilder text, IEnumerable list)
    {
        text.Append('[');
        var comma = "";
        foreach (var item in list)
        {
            text.Append(comma);
            Write(text, item);
            comma = ",";
        }
        text.Append(']');
    }

    static void Quote(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var c in value)
        {
            if (c == '"' || c == '\\') text.Append('\\').Append(c);
            else if (c < ' ' || c > '~') text.Append("\\u").Append(((int)c).ToString("x4"));
            else text.Append(c);
        }
        text.Append('"');
    }
}
