using LogPartitioning.Core.Events;

namespace LogPartitioning.Otlp;

/// <summary>The levels of events and the severity numbers of OTLP: 1 to 4 are Trace, 5 to 8 Debug, and so on; 0 says nothing.</summary>
public static class OtlpSeverity
{
    private const int NumbersOfALevel = 4;
    private const int Highest = 24;

    /// <summary>The level of a number; Information where that is none.</summary>
    public static Severity LevelOf(int number) => number is > 0 and <= Highest ? (Severity)((number - 1) / NumbersOfALevel) : Severity.Information;

    /// <summary>The first number of a level, which needs not be told beside it.</summary>
    public static int NumberOf(Severity level) => ((int)level * NumbersOfALevel) + 1;
}
