using LogPartitioning.Core.Events;
using LogPartitioning.LoadTest.Sending;

namespace LogPartitioning.LoadTest.Traffic;

/// <summary>
/// Log files, each as one source with one request in flight, so that the file's order is the source's order. The
/// source is named after the file, without its extension.
/// </summary>
internal sealed class FileTraffic(IReadOnlyList<string> files) : ITraffic
{
    private const int MaxExamples = 20;

    private readonly Lock _lock = new();
    private readonly List<string> _leftOutExamples = [];
    private long _bytes;
    private long _bytesRead;

    /// <summary>
    /// Sends a line that is not UTF-8 with U+FFFD in place of what is not; otherwise such a line is not sent, since
    /// what would be stored is not the line.
    /// </summary>
    public bool ReplaceInvalid { get; init; }

    /// <summary>Lines per second over all files; 0 for as fast as they are acknowledged.</summary>
    public double Rate { get; init; }

    /// <inheritdoc/>
    public SendingOptions Sending { get; init; } = new();

    /// <inheritdoc/>
    public TimeSpan? Duration => null;

    /// <inheritdoc/>
    public string Description => files.Count == 1 ? "1 file" : $"{files.Count:N0} files";

    /// <summary>Lines that cannot be an event and were not sent.</summary>
    public long LeftOut { get; private set; }

    /// <summary>The first of them, each with its file, number and reason.</summary>
    public IReadOnlyList<string> LeftOutExamples => _leftOutExamples;

    /// <summary>Bytes of the files that were read.</summary>
    public long BytesRead => Interlocked.Read(ref _bytesRead);

    /// <summary>The source that a file's lines come from.</summary>
    public static string SourceOf(string file) =>
        Path.GetFileNameWithoutExtension(file) is { Length: > 0 } name ? name : Path.GetFileName(file);

    /// <inheritdoc/>
    public IEnumerable<string> Problems()
    {
        var rate = double.IsFinite(Rate) && Rate >= 0 ? null : $"The rate must be 0 or more lines per second; it is {Rate}.";
        var missing = files.Where(file => !File.Exists(file))
            .Select(file => Directory.Exists(file) ? $"{file} is a folder, not a file." : $"There is no file {file}.");
        var names = files.Select(file => EventRules.BrokenBySource(SourceOf(file)) is { } rule ? $"{file}: its name as a source {rule}." : null);
        var same = files.GroupBy(SourceOf, StringComparer.Ordinal).Where(source => source.Count() > 1).Select(source =>
            $"{string.Join(" and ", source)} would be one source, {source.Key}: their lines would have no order among them.");
        return Sending.Problems().Concat([rate, .. missing, .. names, .. same]).OfType<string>();
    }

    /// <inheritdoc/>
    public IEnumerable<IEventLane> Lanes(TimeProvider time)
    {
        _bytes = files.Sum(file => new FileInfo(file).Length);
        var sideBySide = Math.Min(Sending.Concurrency, files.Count);
        return files.Select(file => new FileLane(this, file, Rate / sideBySide, time));
    }

    /// <inheritdoc/>
    public double Fraction(LoadStatistics statistics) => _bytes == 0 ? 1 : Math.Min(1, (double)BytesRead / _bytes);

    internal void CountRead(long bytes) => Interlocked.Add(ref _bytesRead, bytes);

    internal void LeaveOut(string file, long line, string reason)
    {
        lock (_lock)
        {
            if (++LeftOut <= MaxExamples)
            {
                _leftOutExamples.Add($"{file}, line {line}: {reason}");
            }
        }
    }
}
