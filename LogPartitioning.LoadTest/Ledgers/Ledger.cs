using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace LogPartitioning.LoadTest.Ledgers;

/// <summary>
/// The append-only record of what was acknowledged: one NDJSON file a run. An acknowledgement is written and handed
/// to the operating system before the run counts it, so whatever a killed client claimed can be audited; at worst the
/// last line is torn, and <see cref="LedgerReader"/> leaves that one out. A power cut of the client's machine is not
/// covered: nothing is forced to the disk.
/// </summary>
public sealed class Ledger : IAsyncDisposable
{
    /// <summary>The file name extension of ledgers.</summary>
    public const string Extension = ".ndjson";

    internal const int Version = 1;

    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly FileStream _file;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly ArrayBufferWriter<byte> _lines = new();

    private Ledger(FileStream file, Guid run)
    {
        _file = file;
        Run = run;
    }

    /// <summary>The run that this ledger belongs to; every event carries it as an attribute.</summary>
    public Guid Run { get; }

    /// <summary>Where the ledger lies.</summary>
    public string Path => _file.Name;

    /// <summary>Starts a new ledger in a folder, which is made where it is missing.</summary>
    /// <param name="folder">Where ledgers lie.</param>
    /// <param name="kind">What makes the run: <c>send</c>, <c>replay</c> or a name of the caller's.</param>
    /// <param name="gateway">The gateway that the run sends to.</param>
    /// <param name="startedAt">When the run starts.</param>
    /// <param name="cancellationToken">Ends the writing of the header.</param>
    /// <exception cref="IOException">The folder or the file cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    public static async Task<Ledger> CreateAsync(
        string folder, string kind, Uri gateway, DateTimeOffset startedAt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(gateway);
        Directory.CreateDirectory(folder);
        var run = Guid.CreateVersion7(startedAt);
        var name = $"{startedAt.UtcDateTime:yyyyMMdd'T'HHmmss}-{kind}-{run:N}{Extension}";
        // No buffer of its own: a flush that is forgotten must not be a hole in the record.
        var file = new FileStream(
            System.IO.Path.Combine(folder, name),
            new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.Read, BufferSize = 0 });
        var ledger = new Ledger(file, run);
        await ledger.WriteAsync(
            writer =>
            {
                writer.WriteStartObject();
                writer.WriteNumber("ledger"u8, Version);
                writer.WriteString("run"u8, run);
                writer.WriteString("kind"u8, kind);
                writer.WriteString("gateway"u8, gateway.GetLeftPart(UriPartial.Authority));
                writer.WriteString("startedAt"u8, startedAt);
                writer.WriteEndObject();
            },
            cancellationToken).ConfigureAwait(false);
        return ledger;
    }

    /// <summary>Appends acknowledged events; when this returns, the operating system has them.</summary>
    /// <exception cref="IOException">The disk is full or gone: the run must stop, it could not be audited.</exception>
    public Task AppendAsync(IReadOnlyList<LedgerEntry> entries, CancellationToken cancellationToken) =>
        WriteManyAsync(entries, WriteEntry, cancellationToken);

    /// <summary>Appends events that were given up with an unknown outcome.</summary>
    /// <exception cref="IOException">The disk is full or gone.</exception>
    public Task AppendUnknownAsync(IReadOnlyList<UnknownEntry> entries, CancellationToken cancellationToken) =>
        WriteManyAsync(entries, WriteUnknown, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _file.DisposeAsync().ConfigureAwait(false);
        _writing.Dispose();
    }

    private static void WriteEntry(Utf8JsonWriter writer, LedgerEntry entry)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, entry.Id);
        writer.WriteString("source"u8, entry.Source);
        writer.WriteNumber("seq"u8, entry.Sequence);
        writer.WriteNumber("partition"u8, entry.Partition);
        writer.WriteNumber("offset"u8, entry.Offset);
        if (entry.Key is not null)
        {
            writer.WriteString("key"u8, entry.Key);
        }

        writer.WriteNumber("attempts"u8, entry.Attempts);
        writer.WriteString("hash"u8, entry.Hash);
        writer.WriteEndObject();
    }

    private static void WriteUnknown(Utf8JsonWriter writer, UnknownEntry entry)
    {
        writer.WriteStartObject();
        writer.WriteString("unknown"u8, entry.Id);
        writer.WriteString("source"u8, entry.Source);
        writer.WriteNumber("seq"u8, entry.Sequence);
        writer.WriteEndObject();
    }

    private Task WriteAsync(Action<Utf8JsonWriter> line, CancellationToken cancellationToken) =>
        WriteManyAsync([line], static (writer, write) => write(writer), cancellationToken);

    private async Task WriteManyAsync<T>(
        IReadOnlyList<T> items, Action<Utf8JsonWriter, T> write, CancellationToken cancellationToken)
    {
        if (items.Count == 0)
        {
            return;
        }

        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            _lines.ResetWrittenCount();
            using (var writer = new Utf8JsonWriter(_lines, Relaxed))
            {
                foreach (var item in items)
                {
                    write(writer, item);
                    writer.Flush();
                    writer.Reset();
                    _lines.Write("\n"u8);
                }
            }

            // Not cancelled half-way: a torn line in the middle would make the rest unreadable.
            await _file.WriteAsync(_lines.WrittenMemory, CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }
}
