using System.Collections.Concurrent;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Orchestration;

/// <summary>Where resources' output is kept: <c>.logs</c> beside the solution.</summary>
internal sealed class OutputDirectory(string appHostDirectory, bool isTest)
{
    /// <summary>The directory; tests write into one of their own, so that they can stand beside a run.</summary>
    public string Path { get; } = System.IO.Path.Combine(Root(appHostDirectory), ".logs", isTest ? "tests" : "");

    private static string Root(string appHostDirectory)
    {
        for (var directory = new DirectoryInfo(appHostDirectory); directory is not null; directory = directory.Parent)
        {
            if (directory.Exists && directory.EnumerateFiles("*.sln*").Any())
            {
                return directory.FullName;
            }
        }

        return appHostDirectory;
    }
}

/// <summary>Keeps each resource's output in a file of bounded size.</summary>
internal sealed class OutputFiles(ResourceLoggerService loggers, OutputDirectory directory) : IHostedService, IDisposable
{
    private const long MaxBytes = 16 * 1024 * 1024;

    private readonly ConcurrentDictionary<string, OutputFile> _files = new(StringComparer.OrdinalIgnoreCase);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(directory.Path);
        loggers.LineWritten += Write;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        loggers.LineWritten -= Write;
        foreach (var file in _files.Values)
        {
            file.Dispose();
        }
    }

    private void Write(string resource, LogLine line) =>
        _files.GetOrAdd(resource, name => new(Path.Combine(directory.Path, $"{name}.log"))).Write(line.Content);

    // The latest lines and those before them: at most twice the size.
    private sealed class OutputFile(string path) : IDisposable
    {
        private readonly Lock _gate = new();
        private StreamWriter? _writer;
        private bool _closed;

        public void Write(string line)
        {
            lock (_gate)
            {
                if (_closed)
                {
                    return;
                }

                if (_writer is { BaseStream.Length: > MaxBytes })
                {
                    _writer.Dispose();
                    File.Move(path, $"{path}.1", overwrite: true);
                    _writer = null;
                }

                _writer ??= new(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
                {
                    AutoFlush = true,
                };
                _writer.WriteLine(line);
            }
        }

        public void Dispose()
        {
            lock (_gate)
            {
                _closed = true;
                _writer?.Dispose();
            }
        }
    }
}
