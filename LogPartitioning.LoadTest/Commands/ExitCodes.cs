namespace LogPartitioning.LoadTest.Commands;

/// <summary>What the program ends with.</summary>
internal static class ExitCodes
{
    public const int Success = 0;

    /// <summary>It ran, and something is not as it should be: a fault, a rejected event, an unknown outcome.</summary>
    public const int Failed = 1;

    /// <summary>It could not run: a mistake in the arguments, or nobody answers.</summary>
    public const int CannotRun = 2;

    /// <summary>Ended by Ctrl+C or SIGTERM, as shells count it.</summary>
    public const int Interrupted = 130;
}
