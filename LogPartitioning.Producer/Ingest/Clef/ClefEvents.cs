using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using LogPartitioning.Core.Events;

namespace LogPartitioning.Producer.Ingest.Clef;

/// <summary>
/// Reads events in CLEF (https://clef-json.org), and adds them to a batch. Message, level, time and source become the event's own; whatever else there
/// is stays as an attribute under the name that it has in CLEF, properties under theirs.
/// </summary>
internal sealed class ClefEvents(ComposedEvents events, ClefIds ids, RecordBytes records, ClefOptions options) : IDisposable
{
    /// <summary>The source of events that name none.</summary>
    public const string Fallback = "clef";

    private readonly RecordComposer _composer = new();
    private readonly ClefMessage _rendered = new();
    private readonly byte[] _sourceProperty = Encoding.UTF8.GetBytes(options.SourceProperty);

    private SentTime? _time;
    private Severity _level;
    private byte[]? _message;
    private byte[]? _template;
    private bool _isTemplateKept;
    private (int Start, int End) _renderings;
    private string? _source;
    private string? _service;
    private EventProblem? _problem;

    /// <summary>Adds the event of a line. One that is broken is rejected by itself.</summary>
    /// <exception cref="RequestRefusedException">413: it is one too many.</exception>
    public void Add(ReadOnlySpan<byte> line) => Add(line, isRaw: false);

    /// <summary>Adds an event in the older form, whose fields have whole words as names, and whose properties stand by themselves.</summary>
    /// <inheritdoc cref="Add(ReadOnlySpan{byte})"/>
    public void AddRaw(ReadOnlySpan<byte> json) => Add(json, isRaw: true);

    /// <inheritdoc/>
    public void Dispose() => _composer.Dispose();

    private void Add(ReadOnlySpan<byte> json, bool isRaw)
    {
        events.Batch.RequireRoom();
        Begin();
        if (json.Length > JsonTexts.MaxEventBytes)
        {
            events.Batch.Reject(new EventProblem(EventProblem.WholeEvent, FormattableString.Invariant($"must have at most {JsonTexts.MaxEventBytes} bytes")));
        }
        else if (!Utf8.IsValid(json))
        {
            events.Batch.Reject(new EventProblem(EventProblem.WholeEvent, "must be in UTF-8"));
        }
        else if (!TryRead(json, isRaw))
        {
            events.Batch.Reject(new EventProblem(EventProblem.WholeEvent, "must be a JSON object"));
        }
        else if (_problem is { } problem)
        {
            events.Batch.Reject(problem);
        }
        else
        {
            End(json);
        }

        records.CountLast(events.Batch);
    }

    private void Begin()
    {
        _composer.Begin();
        _rendered.Begin();
        (_time, _level, _message, _template, _isTemplateKept, _renderings, _source, _service, _problem) = (null, Severity.Information, null, null, false, default, null, null, null);
    }

    private bool TryRead(ReadOnlySpan<byte> json, bool isRaw)
    {
        try
        {
            var reader = new Utf8JsonReader(json, JsonTexts.Options);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            ReadMembers(json, ref reader, isRaw);
            return !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private void ReadMembers(ReadOnlySpan<byte> json, ref Utf8JsonReader reader, bool isRaw)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = JsonTexts.NameOf(in reader);
            reader.Read();
            if (!isRaw)
            {
                Take(name, json, ref reader);
            }
            else if (name.SequenceEqual("Properties"u8) && reader.TokenType == JsonTokenType.StartObject)
            {
                ReadProperties(json, ref reader);
            }
            else if (RawEvents.ClefNameOf(name) is { Length: > 0 } clefName)
            {
                TakeField(clefName, json, ref reader);
            }
            else
            {
                _composer.Keep(name, json, ref reader);
            }
        }
    }

    private void ReadProperties(ReadOnlySpan<byte> json, ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = JsonTexts.NameOf(in reader);
            reader.Read();
            TakeProperty(name, json, ref reader);
        }
    }

    private void Take(ReadOnlySpan<byte> name, ReadOnlySpan<byte> json, ref Utf8JsonReader reader)
    {
        if (name.StartsWith("@@"u8))
        {
            TakeProperty(name[1..], json, ref reader);
        }
        else if (name.StartsWith("@"u8))
        {
            TakeField(name, json, ref reader);
        }
        else
        {
            TakeProperty(name, json, ref reader);
        }
    }

    private void TakeProperty(ReadOnlySpan<byte> name, ReadOnlySpan<byte> json, ref Utf8JsonReader reader)
    {
        if (_source is null && name.SequenceEqual(_sourceProperty))
        {
            _source = JsonTexts.ScalarOf(in reader);
        }

        _rendered.Note(json, name, reader);
        _composer.Keep(name, json, ref reader);
    }

    private void TakeField(ReadOnlySpan<byte> name, ReadOnlySpan<byte> json, ref Utf8JsonReader reader)
    {
        switch (name)
        {
            case [(byte)'@', (byte)'t'] when _time is null:
                TakeTime(json, ref reader);
                return;
            case [(byte)'@', (byte)'m'] when _message is null:
                _message = TextOf("@m", "message"u8, json, ref reader, out _);
                return;
            case [(byte)'@', (byte)'m', (byte)'t'] when _template is null:
                _template = TextOf("@mt", "@mt"u8, json, ref reader, out var isWhole);
                _isTemplateKept = !isWhole;
                return;
            case [(byte)'@', (byte)'l'] when reader.TokenType == JsonTokenType.String:
                TakeLevel(json, ref reader);
                return;
            case [(byte)'@', (byte)'r'] when reader.TokenType == JsonTokenType.StartArray:
                var start = (int)reader.TokenStartIndex;
                _composer.Keep(name, json, ref reader);
                _renderings = (start, (int)reader.BytesConsumed);
                return;
            case [(byte)'@', (byte)'t', (byte)'r']:
                _composer.Keep("trace_id"u8, json, ref reader);
                return;
            case [(byte)'@', (byte)'s', (byte)'p']:
                _composer.Keep("span_id"u8, json, ref reader);
                return;
            case [(byte)'@', (byte)'r', (byte)'a'] when reader.TokenType == JsonTokenType.StartObject:
                _service ??= ServiceName(reader);
                break;
        }

        _composer.Keep(name, json, ref reader);
    }

    private void TakeTime(ReadOnlySpan<byte> json, ref Utf8JsonReader reader)
    {
        if (JsonTexts.TextOf(in reader) is { } text && SentTime.TryParse(text, out var time))
        {
            _time = time;
        }
        else if (reader.TokenType != JsonTokenType.Null)
        {
            _problem ??= new("@t", "must be a time as in RFC 3339, e.g. 2026-11-22T07:00:00.123Z");
            reader.Skip();
        }
    }

    private void TakeLevel(ReadOnlySpan<byte> json, ref Utf8JsonReader reader)
    {
        var text = JsonTexts.TextOf(in reader);
        var isKnown = SeverityNames.TryParse(text, out var level);
        _level = isKnown ? level : _level;
        if (!isKnown || text != SeverityNames.Of(level))
        {
            _composer.Keep("@l"u8, json, ref reader);
        }
    }

    /// <summary>A text; where no text can hold it, what can be read of it, and the whole is kept under a name.</summary>
    private byte[]? TextOf(string field, ReadOnlySpan<byte> name, ReadOnlySpan<byte> json, ref Utf8JsonReader reader, out bool isWhole)
    {
        if (JsonTexts.ReadableOf(in reader, out isWhole) is { } text)
        {
            if (!isWhole)
            {
                _composer.KeepJson(name, json[(int)reader.TokenStartIndex..(int)reader.BytesConsumed]);
            }

            return Encoding.UTF8.GetBytes(text);
        }

        if (reader.TokenType != JsonTokenType.Null)
        {
            _problem ??= new(field, "must be a text");
            reader.Skip();
        }

        return null;
    }

    /// <summary>The name of the service among the attributes of the resource, nested or with a dot in the name.</summary>
    private static string? ServiceName(Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isName, isService) = (reader.ValueTextEquals("service.name"u8), reader.ValueTextEquals("service"u8));
            reader.Read();
            if (isName && JsonTexts.ReadableOf(in reader, out _) is { } name)
            {
                return name;
            }

            if (isService && reader.TokenType == JsonTokenType.StartObject && NameOfService(reader) is { } nested)
            {
                return nested;
            }

            reader.Skip();
        }

        return null;
    }

    private static string? NameOfService(Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isName = reader.ValueTextEquals("name"u8);
            reader.Read();
            if (isName && JsonTexts.ReadableOf(in reader, out _) is { } name)
            {
                return name;
            }

            reader.Skip();
        }

        return null;
    }

    private void End(ReadOnlySpan<byte> json)
    {
        ReadOnlySpan<byte> message = _message;
        if (_template is not null)
        {
            if (!_isTemplateKept)
            {
                _composer.Keep("@mt"u8, _template);
            }

            message = _message ?? _rendered.Render(json, _template, json[_renderings.Start.._renderings.End]);
        }

        _time?.KeepNanoseconds(_composer);
        var source = SourceName.Of(string.IsNullOrEmpty(_source) ? _service : _source, Fallback);
        events.Add(_composer, ids.Of(json, events.NextIndex, _time?.Time, _time?.IsFine == true), source, _level, message, _time?.Time);
    }
}
