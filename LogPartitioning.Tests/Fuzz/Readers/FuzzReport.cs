using System.Globalization;

namespace LogPartitioning.Tests.Fuzz.Readers;

/// <summary>What a run came to.</summary>
/// <param name="Seed">Its seed.</param>
/// <param name="Inputs">How many inputs were read.</param>
/// <param name="Duration">How long that took.</param>
/// <param name="Findings">What went wrong.</param>
/// <param name="HeapBefore">The managed heap when it was warm, in bytes; without the inputs that were kept to be mutated.</param>
/// <param name="HeapAfter">The same at the end.</param>
/// <param name="Readers">A line for each reader.</param>
internal sealed record FuzzReport(
    int Seed, long Inputs, TimeSpan Duration, IReadOnlyList<FuzzFinding> Findings, long HeapBefore, long HeapAfter, IReadOnlyList<string> Readers)
{
    /// <summary>The figures in a line, and a line for each reader and each finding.</summary>
    public override string ToString() => string.Join('\n',
    [
        string.Create(CultureInfo.InvariantCulture,
            $"seed {Seed}: {Inputs:N0} inputs in {Duration.TotalSeconds:0.0} s, {Inputs / Math.Max(0.001, Duration.TotalSeconds):N0} a second; {Findings.Count} findings; heap {HeapBefore / 1048576.0:0.0} MB before and {HeapAfter / 1048576.0:0.0} MB after"),
        .. Readers.Select(reader => $"  {reader}"),
        .. Findings.Select(finding => $"{finding}"),
    ]);
}
