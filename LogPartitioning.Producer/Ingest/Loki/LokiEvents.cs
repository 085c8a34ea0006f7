using System.Text;
using LogPartitioning.Core.Events;

namespace LogPartitioning.Producer.Ingest.Loki;

/// <summary>
/// Makes events of the entries of streams, and adds them to a batch. Labels and structured metadata stay as attributes; the source is one of the labels.
/// </summary>
internal sealed class LokiEvents : IDisposable
{
    /// <summary>The attribute that has the tenant, under the name of the header that says it.</summary>
    public const string TenantHeader = "X-Scope-OrgID";

    private const string Fallback = "loki";
    private static readonly byte[] s_tenant = Encoding.ASCII.GetBytes(TenantHeader);
    private static readonly byte[][] s_levels = [.. new[] { "level", "detected_level", "severity" }.Select(Encoding.ASCII.GetBytes)];

    private readonly ComposedEvents _events;
    private readonly RecordBytes _records;
    private readonly byte[]? _tenant;
    private readonly byte[][] _sources;
    private readonly RecordComposer _composer = new();
    private readonly EntryIds _ids;
    private readonly EntryOrder _order = new();
    private string _source = Fallback;
    private Severity? _level;
    private EventProblem? _problem;

    /// <param name="events">Where to.</param>
    /// <param name="records">What the records take.</param>
    /// <param name="sourceLabels">The labels that may be the source, the best first.</param>
    /// <param name="tenant">Whose the request is; null where it does not say.</param>
    public LokiEvents(ComposedEvents events, RecordBytes records, IReadOnlyList<string> sourceLabels, string? tenant)
    {
        (_events, _records) = (events, records);
        _sources = [.. sourceLabels.Select(Encoding.UTF8.GetBytes)];
        _tenant = string.IsNullOrEmpty(tenant) ? null : Encoding.UTF8.GetBytes(tenant);
        _ids = new(_tenant);
    }

    /// <summary>The labels of the stream at hand.</summary>
    public LabelPairs Labels { get; } = new();

    /// <summary>The structured metadata of the next entry.</summary>
    public LabelPairs Metadata { get; } = new();

    /// <summary>Begins the entries of another stream, when <see cref="Labels"/> has its labels.</summary>
    /// <param name="isReadable">Whether its labels could be read; where they could not, its entries are rejected.</param>
    public void BeginStream(bool isReadable)
    {
        _problem = !isReadable ? new("labels", "must be labels with values, e.g. {app=\"shop\"}")
            : !Labels.IsTooLarge ? null
            : new("labels", FormattableString.Invariant($"must have at most {EventRules.MaxAttributesBytes} bytes"));
        if (_problem is null)
        {
            _source = SourceOf();
            _level = LevelIn(Labels);
            _ids.BeginStream(Labels);
        }
    }

    /// <summary>Adds an entry with <see cref="Metadata"/>.</summary>
    /// <param name="time">Its time; null where it cannot be read.</param>
    /// <param name="line">Its line.</param>
    /// <param name="json">The line as it stands in JSON, where no text can hold all of it; else nothing.</param>
    /// <exception cref="RequestRefusedException">413: it is one too many.</exception>
    public void Add(SentTime? time, ReadOnlySpan<byte> line, ReadOnlySpan<byte> json = default)
    {
        if (_problem is not null || time is not { } sent)
        {
            Reject(_problem ?? new("timestamp", "must be nanoseconds since 1970, as a text"));
            return;
        }

        if (Labels.Bytes + Metadata.Bytes > EventRules.MaxAttributesBytes)
        {
            Reject(new("attributes", FormattableString.Invariant($"must have at most {EventRules.MaxAttributesBytes} bytes: labels and metadata have more together")));
            return;
        }

        _composer.Begin();
        Keep(Labels);
        Keep(Metadata);
        if (json.Length > 0)
        {
            _composer.KeepJson("message"u8, json);
        }

        sent.KeepNanoseconds(_composer);
        if (_tenant is not null)
        {
            _composer.Keep(s_tenant, _tenant);
        }

        _events.Add(_composer, _ids.Of(sent, json.Length > 0 ? json : line, Metadata), _source, LevelIn(Metadata) ?? _level ?? Severity.Information, line, sent.Time);
        _order.Add(_events.Batch.Entries[^1].Problem is null ? sent.UnixNanoseconds : null);
        _records.CountLast(_events.Batch, Labels.Bytes + Metadata.Bytes + line.Length);
    }

    /// <summary>Adds an entry that cannot be read.</summary>
    /// <inheritdoc cref="Add(SentTime?, ReadOnlySpan{byte}, ReadOnlySpan{byte})"/>
    public void AddBroken(string rule) => Reject(new("entry", rule));

    /// <summary>Ends the push: its entries are sent in the order of their times.</summary>
    public void End()
    {
        if (_order.Places() is { } places)
        {
            _events.Batch.Reorder(places);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _composer.Dispose();

    private void Reject(EventProblem problem)
    {
        _events.Batch.Reject(problem);
        _order.Add(null);
    }

    private string SourceOf()
    {
        foreach (var name in _sources)
        {
            if (Labels.ValueOf(name) is { Length: > 0 } value)
            {
                return SourceName.Of(value, Fallback, out _);
            }
        }

        return Labels.Count == 0 ? Fallback : SourceName.Of(Labels.ToString(), Fallback);
    }

    private static Severity? LevelIn(LabelPairs pairs)
    {
        foreach (var name in s_levels)
        {
            if (pairs.ValueOf(name) is { Length: > 0 and < 32 } value && SeverityNames.TryParse(Encoding.UTF8.GetString(value), out var level))
            {
                return level;
            }
        }

        return null;
    }

    private void Keep(LabelPairs pairs)
    {
        for (var i = 0; i < pairs.Count; i++)
        {
            _composer.Keep(pairs.NameAt(i), pairs.ValueAt(i));
        }
    }
}
