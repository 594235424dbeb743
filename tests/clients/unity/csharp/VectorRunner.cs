using System;
using System.Collections.Generic;
using System.IO;
using FrameGen.Protocol;
using FrameGen.Zmtp;

/// <summary>
/// The runner over protocol/vectors: says as JSON, one line a vector, what this implementation makes of it, and for
/// what a client sends the parts that it would send.
/// </summary>
static class VectorRunner
{
    public static int Run(string folder)
    {
        foreach (var path in Directory.GetFiles(folder, "*.bin"))
        {
            var facts = new Dictionary<string, object> { { "name", Path.GetFileNameWithoutExtension(path) } };
            // One decoder for all would be as good; a fresh one shows what a single message leaves.
            var decoder = new Decoder();
            Narrow(decoder.Limits, Path.GetFileNameWithoutExtension(path));
            var slot = new Result();
            Load(path, slot.Parts);
            try
            {
                var type = decoder.Decode(slot);
                facts["message"] = Describe.Message(type, decoder, slot);
                facts["planes"] = Describe.Planes(type, decoder, slot);
                var parts = Sent(type, decoder);
                if (parts != null) facts["sent"] = parts.ConvertAll(Describe.Base64);
            }
            catch (ProtocolException error)
            {
                facts["error"] = error.Code;
                facts["about"] = error.Message;
            }
            Console.WriteLine(Json.Of(facts));
        }
        return 0;
    }

    // Two vectors are read with limits of their own (their JSON says so).
    static void Narrow(Limits limits, string name)
    {
        if (name == "invalid_header_too_long") limits.MaxHeaderBytes = 256;
        if (name == "invalid_message_too_long") limits.MaxMessageBytes = 1024;
    }

    public static void Load(string path, ZmtpMessage into)
    {
        using (var file = new BinaryReader(File.OpenRead(path)))
        {
            into.Clear();
            for (var left = file.ReadUInt32(); left > 0; left--)
            {
                var bytes = file.ReadBytes((int)file.ReadUInt32());
                Buffer.BlockCopy(bytes, 0, into.AddPart(bytes.Length), 0, bytes.Length);
            }
        }
    }

    static List<ArraySegment<byte>> Sent(MessageType type, Decoder decoder)
    {
        var encoder = new Encoder();
        switch (type)
        {
            case MessageType.Hello: return Header(encoder.Hello(decoder.Hello));
            case MessageType.Settings: return Header(encoder.Settings(decoder.Settings));
            case MessageType.Frame: return encoder.Frame(decoder.Frame, decoder.Limits);
            case MessageType.Reset: return Header(encoder.Reset());
            case MessageType.Ping: return Header(encoder.Ping(decoder.Ping.SentNs));
            case MessageType.Pong: return Header(encoder.Pong(decoder.Pong.SentNs, decoder.Pong.ReceivedNs, decoder.Pong.RepliedNs));
            case MessageType.Error: return Header(encoder.Error(decoder.Error));
            case MessageType.Bye: return Header(encoder.Bye(decoder.Bye.Reason));
            default: return null; // a server's
        }
    }

    static List<ArraySegment<byte>> Header(byte[] header) => new List<ArraySegment<byte>> { new ArraySegment<byte>(header) };
}
