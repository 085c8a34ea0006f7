using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace LogPartitioning.LoadTest.Ledgers;

/// <summary>
/// The append-only record of what was acknowledged: one NDJSON file a run. An acknowledgement is written and handed
/// to the operating system before the run counts it, so whatever a killed client claimed can be audited; at worst the
/// last line is torn, and <see cref="LedgerReader"/> leaves that one out. A power cut of the client's machine is not
/// covered: nothing is forced to the disk.
/// </summary>
internal sealed class Ledger : IAsyncDisposable
{
    /// <summary>The file name extension of ledgers.</summary>
    public const string Extension = ".ndjson";

    private readonly FileStream _file;
    private readonly SemaphoreSlim _writing = new(1, 1);

    private Ledger(FileStream file, Guid run)
    {
        _file = file;
        Run = run;
    }

    /// <summary>The run that this ledger belongs to; every event carries it as an attribute.</summary>
    public Guid Run { get; }

    /// <summary>Where the ledger lies.</summary>
    public string Path => _file.Name;

    internal static JsonSerializerOptions Format { get; } = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        RespectNullableAnnotations = true,
    };

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
        Directory.CreateDirectory(folder);
        var run = Guid.CreateVersion7(startedAt);
        var name = $"{startedAt.UtcDateTime:yyyyMMdd'T'HHmmss}-{kind}-{run:N}{Extension}";
        // No buffer of its own: a flush that is forgotten must not be a hole in the record.
        var file = new FileStream(
            System.IO.Path.Combine(folder, name),
            new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.Read, BufferSize = 0 });
        var ledger = new Ledger(file, run);
        await ledger.AppendAsync([new LedgerHeader(run, kind, gateway.GetLeftPart(UriPartial.Authority), startedAt)], cancellationToken);
        return ledger;
    }

    /// <summary>
    /// Appends <see cref="LedgerEntry"/> or <see cref="UnknownEntry"/> lines; when this returns, the operating system has them.
    /// </summary>
    /// <exception cref="IOException">The disk is full or gone: the run must stop, it could not be audited.</exception>
    public async Task AppendAsync<T>(IReadOnlyCollection<T> lines, CancellationToken cancellationToken)
    {
        if (lines.Count == 0)
        {
            return;
        }

        using var text = new MemoryStream();
        foreach (var line in lines)
        {
            JsonSerializer.Serialize(text, line, Format);
            text.WriteByte((byte)'\n');
        }

        await _writing.WaitAsync(cancellationToken);
        try
        {
            // Not cancelled half-way: a torn line in the middle would make the rest unreadable.
            await _file.WriteAsync(text.GetBuffer().AsMemory(0, (int)text.Length), CancellationToken.None);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _file.DisposeAsync();
        _writing.Dispose();
    }
}
