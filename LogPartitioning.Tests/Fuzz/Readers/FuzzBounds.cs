namespace LogPartitioning.Tests.Fuzz.Readers;

/// <summary>What a reader may take, whatever the input.</summary>
internal sealed record FuzzBounds
{
    /// <summary>How many times as long as it may take the processor an input may take in all, on a machine that has much to do.</summary>
    public const int Waits = 10;

    /// <summary>How long an input of at most 64 KB may take.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a larger one may take.</summary>
    public TimeSpan TimeOfLarge { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>When a reader that has not come back is taken to hang.</summary>
    public TimeSpan Hang { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>What an input may have allocated by itself, in bytes.</summary>
    public long Allocated { get; init; } = 2 * 1024 * 1024;

    /// <summary>
    /// And what for each of its bytes: work that grows with their square is more. A line of two bytes is an event with a mistake and
    /// an answer of its own.
    /// </summary>
    public long AllocatedPerByte { get; init; } = 3_000;

    /// <summary>
    /// How long arrays that the runtime keeps for the next large input may stay at the end, before they count as kept: it lets go of
    /// them after half a minute without use.
    /// </summary>
    public TimeSpan Pooled { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How much more the heap may hold at the end than when it was warm, in bytes.</summary>
    public long Growth { get; init; } = 32 * 1024 * 1024;

    public TimeSpan TimeOf(int bytes) => bytes <= InputMutation.MaxBytes ? Time : TimeOfLarge;

    public long AllocatedOf(int bytes) => Allocated + (AllocatedPerByte * bytes);
}
