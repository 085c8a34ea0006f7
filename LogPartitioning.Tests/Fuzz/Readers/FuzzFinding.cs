namespace LogPartitioning.Tests.Fuzz.Readers;

/// <summary>An input with which something went wrong.</summary>
/// <param name="Reader">The reader.</param>
/// <param name="What">What went wrong.</param>
/// <param name="Input">The input, as short as it could be made.</param>
/// <param name="Number">The number of the input that it was found with.</param>
/// <param name="Seed">The seed of the run.</param>
internal sealed record FuzzFinding(string Reader, string What, FuzzInput Input, long Number, int Seed)
{
    private const int MaxShown = 3_000;

    /// <summary>All that is needed to see it again.</summary>
    public override string ToString()
    {
        var shown = Convert.ToBase64String(Input.Bytes.AsSpan(0, Math.Min(Input.Bytes.Length, MaxShown)));
        var text = string.Concat(Input.Bytes.Take(200).Select(b => b is >= (byte)' ' and < 0x7f ? $"{(char)b}" : $"\\x{b:x2}"));
        return $"{Reader}: {What}\n  input {Number} of seed {Seed}, {Input.Bytes.Length} bytes: {text}\n  again: bench/fuzz.sh --replay '{Reader}' {Input.Variant} {shown}{(Input.Bytes.Length > MaxShown ? "…" : "")}";
    }
}
