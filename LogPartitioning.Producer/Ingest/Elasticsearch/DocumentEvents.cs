using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using LogPartitioning.Core.Events;

namespace LogPartitioning.Producer.Ingest.Elasticsearch;

/// <summary>
/// Makes events of documents, and adds them to a batch. Time, message, level and source are looked for where the Elastic Common Schema has them, and
/// where loggers put them that do not follow it; every other field stays as an attribute, nested ones with dots in their names.
/// </summary>
internal sealed class DocumentEvents(ComposedEvents events, ContentIds ids, RecordBytes records, IReadOnlyList<string> sourceFields) : IDisposable
{
    /// <summary>The attribute that has a client's own id of a document.</summary>
    private static ReadOnlySpan<byte> IdAttribute => "_id"u8;

    private static ReadOnlySpan<byte> IndexAttribute => "_index"u8;

    private static readonly byte[][] s_messages = FieldChoice.Names("message", "msg", "log");
    private static readonly byte[][] s_levels = FieldChoice.Names("log.level", "level", "severity");

    private readonly byte[][] _sources = FieldChoice.Names(sourceFields);
    private readonly RecordComposer _composer = new();

    /// <summary>Adds the event of a document; one that is broken is rejected by itself.</summary>
    /// <exception cref="RequestRefusedException">413: it is one too many.</exception>
    public void Add(ReadOnlySpan<byte> document, in BulkItem item)
    {
        events.Batch.RequireRoom();
        if (Problem(document, item) is { } problem)
        {
            events.Batch.Reject(problem);
        }
        else
        {
            try
            {
                Compose(document, item);
            }
            catch (JsonException)
            {
                events.Batch.Reject(new EventProblem("document", "must be a JSON object"));
            }
        }

        records.CountLast(events.Batch);
    }

    /// <summary>Adds what is asked for and cannot be done.</summary>
    public void AddRefused(in BulkItem item) => events.Batch.Reject(new EventProblem(item.Action, "is nothing that can be done to a log: events are only added"));

    /// <inheritdoc/>
    public void Dispose() => _composer.Dispose();

    private static EventProblem? Problem(ReadOnlySpan<byte> document, in BulkItem item) =>
        item.Index is null ? new("_index", "is missing")
        : document.Length > JsonTexts.MaxEventBytes ? new("document", FormattableString.Invariant($"must have at most {JsonTexts.MaxEventBytes} bytes"))
        : Utf8.IsValid(document) ? null
        : new("document", "must be in UTF-8");

    private void Compose(ReadOnlySpan<byte> document, in BulkItem item)
    {
        var (time, message, level, source) = (new TimeChoice(events), new FieldChoice(s_messages), new FieldChoice(s_levels), new FieldChoice(_sources));
        var fields = new FlatFields(document);
        while (fields.MoveNext())
        {
            var name = fields.Name;
            time.Look(name, in fields.Reader);
            message.Look(name, in fields.Reader, isText: true);
            level.Look(name, in fields.Reader, isText: true);
            source.Look(name, in fields.Reader, isText: false);
            fields.Reader.Skip();
        }

        if (time.Broken is { } broken)
        {
            events.Batch.Reject(new EventProblem("@timestamp", $"must be a date or milliseconds since 1970; it is \"{(broken.Length <= 64 ? broken : broken[..64])}\""));
            return;
        }

        var isKnownLevel = SeverityNames.TryParse(level.Text, out var severity);
        _composer.Begin();
        // What became the event's own is not repeated, unless it says more as it was sent.
        KeepFields(document, time.Start, message.IsWhole ? message.Start : -1, isKnownLevel && level.Text == SeverityNames.Of(severity) ? level.Start : -1);
        time.Time?.KeepNanoseconds(_composer);
        _composer.Keep(IndexAttribute, Encoding.UTF8.GetBytes(item.Index!));
        if (item.Id is { } given)
        {
            _composer.Keep(IdAttribute, Encoding.UTF8.GetBytes(given));
        }

        var id = item.Id is null ? ids.Of(events.NextIndex, time.Time?.Time) : IdOf(item.Index!, item.Id);
        events.Add(_composer, id, SourceName.Of(source.Text, SourceName.Of(item.Index, "elasticsearch")), isKnownLevel ? severity : Severity.Information,
            Encoding.UTF8.GetBytes(message.Text ?? ""), time.Time?.Time);
    }

    private void KeepFields(ReadOnlySpan<byte> document, int time, int message, int level)
    {
        var fields = new FlatFields(document);
        while (fields.MoveNext())
        {
            var start = (int)fields.Reader.TokenStartIndex;
            if (start == time || start == message || start == level)
            {
                fields.Reader.Skip();
            }
            else
            {
                _composer.Keep(fields.Name, document, ref fields.Reader);
            }
        }
    }

    /// <summary>Whenever a document comes with this id, it is the same event.</summary>
    private static Guid IdOf(string index, string id) => new ContentIds(Encoding.UTF8.GetBytes(id), index).Of(0, null);
}
