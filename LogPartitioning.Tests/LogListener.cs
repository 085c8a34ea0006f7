using Microsoft.Extensions.Logging;

namespace LogPartitioning.Tests;

/// <summary>Hears of each message of a log: what some code tells nobody else before its end.</summary>
internal sealed class LogListener<T>(Action<LogLevel, EventId> heard) : ILogger<T>
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        heard(logLevel, eventId);
}
