using System;
using System.Collections.Generic;
using System.IO;
using FrameGen.Protocol;
using FrameGen.Zmtp;

/// <summary>Damages every vector in many ways: whatever arrives, the decoder answers with a message or a code.</summary>
static class Fuzzer
{
    public static int Run(string folder, int rounds)
    {
        var random = new Random(20240607);
        var decoder = new Decoder();
        var slot = new Result();
        int taken = 0, refused = 0;
        foreach (var path in Directory.GetFiles(folder, "*.bin"))
        {
            var original = new ZmtpMessage();
            VectorRunner.Load(path, original);
            for (var round = 0; round < rounds; round++)
            {
                Damage(random, original, slot.Parts);
                try
                {
                    decoder.Decode(slot);
                    taken++;
                }
                catch (ProtocolException)
                {
                    refused++;
                }
            }
        }
        Console.WriteLine(Json.Of(new Dictionary<string, object> { { "taken", taken }, { "refused", refused } }));
        return 0;
    }

    static void Damage(Random random, ZmtpMessage from, ZmtpMessage to)
    {
        to.Clear();
        for (var i = 0; i < from.Count; i++)
        {
            // Shortened, lengthened or as long as before.
            var length = random.Next(4) == 0 ? Math.Max(0, from[i].Count + random.Next(-9, 9)) : from[i].Count;
            var part = to.AddPart(length);
            Array.Clear(part, 0, part.Length);
            Buffer.BlockCopy(from[i].Array, 0, part, 0, Math.Min(length, from[i].Count));
            for (var hits = random.Next(4); hits > 0 && length > 0; hits--) part[random.Next(length)] = (byte)random.Next(256);
        }
    }
}
