using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using FrameGen.Labels;

/// <summary>
/// The words of labels, and what becomes of names. Each line that it reads has one thing's names, each behind a tab.
/// </summary>
static class LabelPrinter
{
    public static int Run()
    {
        var labels = new List<string>();
        var cached = new List<string>();
        var cache = new LabelCache();
        using (var lines = new StreamReader(Console.OpenStandardInput(), new UTF8Encoding(false)))
            for (var line = lines.ReadLine(); line != null; line = lines.ReadLine())
            {
                var names = new List<string>(line.Split('\t'));
                names.RemoveAt(0);
                labels.Add(LabelNames.LabelOf(names.ToArray()));
                while (names.Count < 4) names.Add(null);
                cached.Add(cache.LabelOf(names[0], names[1], names[2], names[3]));
            }
        Console.WriteLine(Json.Of(new Dictionary<string, object>
        {
            { "words", LabelWords.All }, { "vague", LabelWords.Vague }, { "labels", labels }, { "cached", cached }, { "remembered", cache.Count }
        }));
        return 0;
    }
}
