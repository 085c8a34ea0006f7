using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A line of a resource's output.</summary>
/// <param name="LineNumber">Counted from 1.</param>
/// <param name="Content">The line.</param>
/// <param name="IsErrorMessage">From the standard error stream, or an error in its log.</param>
public readonly record struct LogLine(int LineNumber, string Content, bool IsErrorMessage);

/// <summary>Keeps the latest output of each resource.</summary>
public class ResourceLoggerService : IDisposable
{
    private const int Backlog = 10_000;

    private readonly ConcurrentDictionary<string, Output> _outputs = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Writes to a resource's output.</summary>
    public ILogger GetLogger(IResource resource) => GetLogger(resource.Name);

    /// <summary>Writes to a resource's output.</summary>
    public ILogger GetLogger(string resourceName) => OutputOf(resourceName);

    /// <summary>The latest output, then each line as it comes.</summary>
    public IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(IResource resource) => WatchAsync(resource.Name);

    /// <summary>The latest output, then each line as it comes.</summary>
    public IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(string resourceName) => OutputOf(resourceName).WatchAsync();

    /// <summary>The latest output.</summary>
    public IAsyncEnumerable<IReadOnlyList<LogLine>> GetAllAsync(IResource resource) => GetAllAsync(resource.Name);

    /// <summary>The latest output.</summary>
    public async IAsyncEnumerable<IReadOnlyList<LogLine>> GetAllAsync(string resourceName)
    {
        await Task.CompletedTask;
        yield return OutputOf(resourceName).Latest();
    }

    /// <summary>Ends the output.</summary>
    public void Complete(IResource resource) => Complete(resource.Name);

    /// <summary>Ends the output.</summary>
    public void Complete(string name) => OutputOf(name).Complete();

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var output in _outputs.Values)
        {
            output.Complete();
        }

        GC.SuppressFinalize(this);
    }

    internal event Action<string, LogLine>? LineWritten;

    internal void Write(string resourceName, string line, bool isError) => OutputOf(resourceName).Write(line, isError);

    private Output OutputOf(string name) => _outputs.GetOrAdd(name, _ => new(line => LineWritten?.Invoke(name, line)));

    private sealed class Output(Action<LogLine> written) : ILogger
    {
        private readonly Lock _gate = new();
        private readonly Queue<LogLine> _latest = new();
        private readonly List<Channel<LogLine>> _watchers = [];
        private int _count;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                var text = formatter(state, exception) + (exception is null ? "" : Environment.NewLine + exception);
                foreach (var line in text.Split(Environment.NewLine))
                {
                    Write($"{DateTime.UtcNow.ToString("O", CultureInfo.InvariantCulture)} [apphost] {line}", logLevel >= LogLevel.Error);
                }
            }
        }

        public void Write(string content, bool isError)
        {
            LogLine line;
            lock (_gate)
            {
                line = new(++_count, content, isError);
                _latest.Enqueue(line);
                if (_latest.Count > Backlog)
                {
                    _latest.Dequeue();
                }

                foreach (var watcher in _watchers)
                {
                    watcher.Writer.TryWrite(line);
                }
            }

            written(line);
        }

        public IReadOnlyList<LogLine> Latest()
        {
            lock (_gate)
            {
                return [.. _latest];
            }
        }

        public void Complete()
        {
            lock (_gate)
            {
                _watchers.ForEach(watcher => watcher.Writer.TryComplete());
            }
        }

        public async IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            // A reader that is too slow loses the oldest lines, never the application its memory.
            var channel = Channel.CreateBounded<LogLine>(new BoundedChannelOptions(Backlog) { FullMode = BoundedChannelFullMode.DropOldest });
            IReadOnlyList<LogLine> latest;
            lock (_gate)
            {
                latest = [.. _latest];
                _watchers.Add(channel);
            }

            try
            {
                if (latest.Count > 0)
                {
                    yield return latest;
                }

                while (await channel.Reader.WaitToReadAsync(cancellationToken))
                {
                    List<LogLine> lines = [];
                    while (channel.Reader.TryRead(out var line))
                    {
                        lines.Add(line);
                    }

                    yield return lines;
                }
            }
            finally
            {
                lock (_gate)
                {
                    _watchers.Remove(channel);
                }
            }
        }
    }
}
