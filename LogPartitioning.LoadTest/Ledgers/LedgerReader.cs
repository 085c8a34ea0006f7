using System.Text.Json;
using LogPartitioning.LoadTest.Lines;

namespace LogPartitioning.LoadTest.Ledgers;

/// <summary>A ledger as read back.</summary>
/// <param name="Path">Where it lies.</param>
/// <param name="Run">Its run.</param>
/// <param name="Kind">What made the run.</param>
/// <param name="Gateway">The gateway that the run sent to, without a path.</param>
/// <param name="StartedAt">When the run started.</param>
/// <param name="Entries">The acknowledged events, in the order of acknowledgement.</param>
/// <param name="Unknown">The events given up with an unknown outcome.</param>
/// <param name="Torn">The last line was cut off by the client's end and is left out.</param>
public sealed record LedgerContents(
    string Path, Guid Run, string Kind, string Gateway, DateTimeOffset StartedAt,
    IReadOnlyList<LedgerEntry> Entries, IReadOnlyList<UnknownEntry> Unknown, bool Torn);

/// <summary>Reads ledgers back.</summary>
public static class LedgerReader
{
    /// <summary>A source and a key of 255 characters each, escaped at worst, and the rest of an entry.</summary>
    private const int LongestLine = 16 * 1024;

    /// <summary>
    /// The ledgers of a folder, oldest first, with the header alone. A file whose header cannot be read (a run killed
    /// before its first acknowledgement) has acknowledged nothing and is left out.
    /// </summary>
    public static async Task<IReadOnlyList<LedgerContents>> ListAsync(string folder, CancellationToken cancellationToken)
    {
        var found = new List<LedgerContents>();
        if (!Directory.Exists(folder))
        {
            return found;
        }

        foreach (var path in Directory.EnumerateFiles(folder, "*" + Ledger.Extension).Order(StringComparer.Ordinal))
        {
            using var reader = Open(path);
            if (await reader.ReadAsync(cancellationToken).ConfigureAwait(false) is { Terminated: true } first
                && TryReadHeader(path, first.Bytes, out var header))
            {
                found.Add(header);
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
        using var reader = Open(path);
        if (await reader.ReadAsync(cancellationToken).ConfigureAwait(false) is not { Terminated: true } first
            || !TryReadHeader(path, first.Bytes, out var header))
        {
            throw new InvalidDataException($"{path} is not a ledger: its first line is no ledger header.");
        }

        var entries = new List<LedgerEntry>();
        var unknown = new List<UnknownEntry>();
        var torn = false;
        var number = 1;
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false) is { } line)
        {
            number++;
            if (!line.Terminated)
            {
                // Only the last line can lack its end: the client died while writing it, so it never counted it.
                torn = true;
                break;
            }

            ReadEntry(path, number, line.Bytes, header.Run, entries, unknown);
        }

        return header with { Entries = entries, Unknown = unknown, Torn = torn };
    }

    private static LineReader Open(string path) =>
        new(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite), LongestLine);

    private static void ReadEntry(
        string path, int number, ReadOnlyMemory<byte> line, Guid run, List<LedgerEntry> entries, List<UnknownEntry> unknown)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            var root = json.RootElement;
            var source = root.GetProperty("source").GetString()!;
            var sequence = root.GetProperty("seq").GetInt64();
            if (root.TryGetProperty("unknown", out var lost))
            {
                unknown.Add(new UnknownEntry(run, lost.GetGuid(), source, sequence));
                return;
            }

            entries.Add(new LedgerEntry(
                run,
                root.GetProperty("id").GetGuid(),
                source,
                sequence,
                root.GetProperty("partition").GetInt32(),
                root.GetProperty("offset").GetInt64(),
                root.TryGetProperty("key", out var key) ? key.GetString() : null,
                root.GetProperty("attempts").GetInt32(),
                root.GetProperty("hash").GetString()!));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or FormatException or InvalidOperationException)
        {
            throw new InvalidDataException($"{path}, line {number}: damaged ({e.Message}).", e);
        }
    }

    private static bool TryReadHeader(string path, ReadOnlyMemory<byte> line, out LedgerContents header)
    {
        header = null!;
        try
        {
            using var json = JsonDocument.Parse(line);
            var root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Object
                || !root.TryGetProperty("ledger", out var version) || version.GetInt32() != Ledger.Version)
            {
                return false;
            }

            header = new LedgerContents(
                path,
                root.GetProperty("run").GetGuid(),
                root.GetProperty("kind").GetString()!,
                root.GetProperty("gateway").GetString()!,
                root.GetProperty("startedAt").GetDateTimeOffset(),
                [],
                [],
                Torn: false);
            return true;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or FormatException or InvalidOperationException)
        {
            return false;
        }
    }
}
