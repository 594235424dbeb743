using System;

/// <summary>What the tests run under Mono: one program, the first word says which part.</summary>
static class Program
{
    static int Main(string[] words)
    {
        Console.OutputEncoding = new System.Text.UTF8Encoding(false);
        switch (words[0])
        {
            case "vectors": return VectorRunner.Run(words[1]);
            case "fuzz": return Fuzzer.Run(words[1], int.Parse(words[2]));
            case "drive": return Driver.Run();
            case "steady": return SteadyState.Run(words);
            case "nunit": return MiniRunner.Run();
            case "algebra": return AlgebraPrinter.Run(words);
            case "labels": return LabelPrinter.Run();
            default: return 2;
        }
    }
}
