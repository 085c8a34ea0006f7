namespace LogPartitioning.Tests.Fuzz.Readers;

/// <summary>What a reader is given.</summary>
/// <param name="Bytes">What it reads.</param>
/// <param name="Variant">Decides on what is around the bytes: headers, the pieces in which they come, which of several ways in.</param>
internal sealed record FuzzInput(byte[] Bytes, int Variant);

/// <summary>A part of the product that reads what comes from outside.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Weight">How often it has its turn, against the others.</param>
/// <param name="Seeds">Inputs to begin with: what it accepts, above all.</param>
/// <param name="ReadAsync">
/// Lets it read, and holds it to what it promises: <see cref="BrokenPromiseException"/> where it does not keep that; any other exception is a
/// finding, too. Gives the outcome in words that are the same for inputs of a kind: an input with a new one is worth to be mutated further.
/// </param>
internal sealed record FuzzedReader(string Name, int Weight, IReadOnlyList<byte[]> Seeds, Func<FuzzInput, ValueTask<string>> ReadAsync)
{
    /// <summary>A reader that does not wait for anything.</summary>
    public FuzzedReader(string name, int weight, IReadOnlyList<byte[]> seeds, Func<FuzzInput, string> read)
        : this(name, weight, seeds, input => ValueTask.FromResult(read(input)))
    {
    }
}

/// <summary>A reader did something else than it promises.</summary>
internal sealed class BrokenPromiseException(string message) : Exception(message)
{
    /// <summary>Throws where a promise does not hold.</summary>
    public static void Unless(bool kept, string promise)
    {
        if (!kept)
        {
            throw new BrokenPromiseException(promise);
        }
    }
}
