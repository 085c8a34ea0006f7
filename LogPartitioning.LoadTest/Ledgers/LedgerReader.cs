using System.Text.Json;
using System.Text.Json.Serialization;
using LogPartitioning.LoadTest.Lines;

namespace LogPartitioning.LoadTest.Ledgers;

/// <summary>A ledger's first line.</summary>
/// <param name="Run">Its run.</param>
/// <param name="Kind">What made the run.</param>
/// <param name="Gateway">The gateway that the run sent to, without a path.</param>
/// <param name="StartedAt">When the run started.</param>
internal sealed record LedgerHeader(Guid Run, string Kind, string Gateway, DateTimeOffset StartedAt)
{
    /// <summary>The format's version.</summary>
    [JsonPropertyName("ledger")]
    [JsonPropertyOrder(-1)]
    public int Version { get; init; } = 1;
}

/// <summary>A ledger as read back.</summary>
/// <param name="Path">Where it lies.</param>
/// <param name="Header">What made it, and when.</param>
/// <param name="Entries">The acknowledged events, in the order of acknowledgement.</param>
/// <param name="Unknown">The events given up with an unknown outcome.</param>
/// <param name="Torn">The last line was cut off by the client's end and is left out.</param>
internal sealed record LedgerContents(
    string Path, LedgerHeader Header, IReadOnlyList<LedgerEntry> Entries, IReadOnlyList<UnknownEntry> Unknown, bool Torn);

/// <summary>Reads ledgers back.</summary>
internal static class LedgerReader
{
    /// <summary>A source and a key of 255 characters each, escaped at worst, and the rest of an entry.</summary>
    private const int LongestLine = 16 * 1024;

    /// <summary>
    /// The ledgers of a folder, oldest first. A file whose header cannot be read (a run killed before its first
    /// acknowledgement) has acknowledged nothing and is left out.
    /// </summary>
    public static async Task<IReadOnlyList<(string Path, LedgerHeader Header)>> ListAsync(string folder, CancellationToken cancellationToken)
    {
        var found = new List<(string, LedgerHeader)>();
        var paths = Directory.Exists(folder) ? Directory.GetFiles(folder, "*" + Ledger.Extension) : [];
        foreach (var path in paths.Order(StringComparer.Ordinal))
        {
            using var lines = Open(path);
            if (await ReadHeaderAsync(lines, cancellationToken) is { } header)
            {
                found.Add((path, header));
            }
        }

        return found;
    }

    /// <summary>Reads a ledger.</summary>
    /// <exception cref="InvalidDataException">
    /// A line other than the last is damaged, or the file is no ledger: the message names file and line.
    /// </exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static async Task<LedgerContents> ReadAsync(string path, CancellationToken cancellationToken)
    {
        using var lines = Open(path);
        var header = await ReadHeaderAsync(lines, cancellationToken)
            ?? throw new InvalidDataException($"{path} is not a ledger: its first line is no ledger header.");
        var entries = new List<LedgerEntry>();
        var unknown = new List<UnknownEntry>();
        for (var number = 2; await lines.ReadAsync(cancellationToken) is { } line; number++)
        {
            if (!line.Terminated)
            {
                // Only the last line can lack its end: the client died while writing it, so it never counted it.
                return new LedgerContents(path, header, entries, unknown, Torn: true);
            }

            try
            {
                if (line.Bytes.StartsWith("{\"unknown\":"u8))
                {
                    unknown.Add(Parse<UnknownEntry>(line) with { Run = header.Run });
                }
                else
                {
                    entries.Add(Parse<LedgerEntry>(line) with { Run = header.Run });
                }
            }
            catch (JsonException e)
            {
                throw new InvalidDataException($"{path}, line {number}: damaged ({e.Message}).", e);
            }
        }

        return new LedgerContents(path, header, entries, unknown, Torn: false);
    }

    private static LineReader Open(string path) =>
        new(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite), LongestLine);

    private static T Parse<T>(Line line) => JsonSerializer.Deserialize<T>(line.Bytes, Ledger.Format)!;

    private static async Task<LedgerHeader?> ReadHeaderAsync(LineReader lines, CancellationToken cancellationToken)
    {
        try
        {
            return await lines.ReadAsync(cancellationToken) is { Terminated: true } first && Parse<LedgerHeader>(first) is { Version: 1 } header ? header : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
