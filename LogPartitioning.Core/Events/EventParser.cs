using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace LogPartitioning.Core.Events;

/// <summary>Reads one event from JSON, keeping account of every rule that it breaks. One use for each event.</summary>
internal ref struct EventParser
{
    private const int MaxProblems = 16;

    private static readonly string[] s_fields = ["id", "source", "level", "message", "timestamp", "attributes"];

    /// <summary>Nesting is refused by rule, with the field's name; a limit here would call it malformed instead.</summary>
    internal static readonly JsonReaderOptions Syntax = new() { MaxDepth = int.MaxValue };

    private readonly ReadOnlySpan<byte> _json;
    private readonly bool _complete;
    private readonly DateTimeOffset _receivedAt;
    private readonly TimestampRange? _range;
    private readonly List<EventProblem> _problems = [];
    private Utf8JsonReader _reader;
    private Fields _seen;
    private Guid? _id;
    private string? _source;
    private Severity? _level;
    private string? _message;
    private DateTimeOffset? _timestamp;
    private string? _attributes;
    private UnknownFields? _unknown;

    private EventParser(ReadOnlySpan<byte> json, bool complete, DateTimeOffset receivedAt, TimestampRange? range)
    {
        _json = json;
        _complete = complete;
        _receivedAt = receivedAt;
        _range = range;
        _reader = new Utf8JsonReader(json, Syntax);
    }

    [Flags]
    private enum Fields
    {
        None = 0,
        Id = 1,
        Source = 2,
        Level = 4,
        Message = 8,
        Timestamp = 16,
        Attributes = 32,
    }

    /// <summary>Parses <paramref name="json"/>, which may be anything at all. Never throws.</summary>
    /// <param name="json">Exactly one event.</param>
    /// <param name="complete">Whether <c>id</c>, <c>level</c> and <c>timestamp</c> have to be there, in their canonical
    /// form: so in a record, where the producer has filled them in.</param>
    /// <param name="receivedAt">The time of an event that names none.</param>
    /// <param name="range">Which timestamps are taken; null for any.</param>
    /// <param name="parsed">The event, or null.</param>
    /// <param name="sent">Which of the fields that may be left out are there.</param>
    /// <returns>The problems; empty exactly when there is an event.</returns>
    public static IReadOnlyList<EventProblem> Parse(
        ReadOnlySpan<byte> json, bool complete, DateTimeOffset receivedAt, TimestampRange? range, out LogEvent? parsed, out SentFields sent)
    {
        (parsed, sent) = (null, SentFields.None);
        if (!Utf8.IsValid(json))
        {
            return [new EventProblem(EventProblem.WholeEvent, "must be UTF-8")];
        }

        var parser = new EventParser(json, complete, receivedAt, range);
        try
        {
            parser.ReadEvent();
        }
        catch (JsonException malformed)
        {
            return [Malformed(malformed)];
        }

        if (parser._problems.Count == 0)
        {
            parsed = parser.Build();
            sent = (parser._id is null ? SentFields.None : SentFields.Id) | (parser._timestamp is null ? SentFields.None : SentFields.Timestamp);
        }

        return parser._problems;
    }

    internal static EventProblem Malformed(JsonException e) => new(
        EventProblem.WholeEvent,
        string.Create(CultureInfo.InvariantCulture, $"must be well-formed JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1})"));

    private readonly LogEvent Build()
    {
        // To the microsecond, so that the record says what the store will say.
        var received = _receivedAt.UtcTicks - (_receivedAt.UtcTicks % TimeSpan.TicksPerMicrosecond);
        return new LogEvent(
            _id ?? NewIds.Create(_receivedAt),
            _source!,
            _level ?? Severity.Information,
            _message!,
            _timestamp ?? new DateTimeOffset(received, TimeSpan.Zero),
            _unknown is null ? _attributes : _unknown.AddTo(_attributes));
    }

    private void ReadEvent()
    {
        _reader.Read();
        if (_reader.TokenType != JsonTokenType.StartObject)
        {
            Add(EventProblem.WholeEvent, $"must be a JSON object, not {_reader.TokenType.InWords()}");
            _reader.Skip();
        }
        else
        {
            while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
            {
                ReadField();
            }

            RequireFields();
        }

        // Whatever follows the event is a syntax error, which reading on brings out.
        while (_reader.Read())
        {
        }
    }

    private void RequireFields()
    {
        Require(Fields.Source, "source");
        Require(Fields.Message, "message");
        if (_complete)
        {
            Require(Fields.Id, "id");
            Require(Fields.Level, "level");
            Require(Fields.Timestamp, "timestamp");
        }
    }

    private void Require(Fields field, string name)
    {
        if ((_seen & field) == 0)
        {
            Add(name, "is required");
        }
    }

    private void ReadField()
    {
        // A name with half of a surrogate pair cannot even be compared.
        if (_reader.ValueIsEscaped && NameOfField() is null)
        {
            RefuseField();
        }
        else if (_reader.ValueTextEquals("id"u8))
        {
            if (TakeText(Fields.Id, "id") is { } text)
            {
                TakeId(text);
            }
        }
        else if (_reader.ValueTextEquals("source"u8))
        {
            if (TakeText(Fields.Source, "source") is { } text && Keeps("source", EventRules.BrokenBySource(text)))
            {
                _source = text;
            }
        }
        else if (_reader.ValueTextEquals("level"u8))
        {
            if (TakeText(Fields.Level, "level") is { } text)
            {
                TakeLevel(text);
            }
        }
        else if (_reader.ValueTextEquals("message"u8))
        {
            if (TakeText(Fields.Message, "message") is { } text && Keeps("message", BrokenByMessage(text)))
            {
                _message = text;
            }
        }
        else if (_reader.ValueTextEquals("timestamp"u8))
        {
            if (TakeText(Fields.Timestamp, "timestamp") is { } text)
            {
                TakeTimestamp(text);
            }
        }
        else if (_reader.ValueTextEquals("attributes"u8))
        {
            TakeAttributes();
        }
        else if (_complete && _reader.ValueTextEquals("v"u8))
        {
            TakeVersion();
        }
        else
        {
            RefuseField();
        }
    }

    private void RefuseField()
    {
        if (_complete)
        {
            KeepField();
            return;
        }

        // Ignoring it would lose what a misspelt field said without a trace.
        var name = NameOfField();
        Add(Shown(name), NearestName.Rule(name ?? "", "a field of an event", s_fields));
        _reader.Read();
        _reader.Skip();
    }

    /// <summary>
    /// A record may come from a later version, or from another program: what is not known of it is kept beside what is, and
    /// says nothing against it.
    /// </summary>
    private void KeepField()
    {
        var name = NameOfField() ?? "(a name with half of a surrogate pair)";
        _reader.Read();
        var start = (int)_reader.TokenStartIndex;
        _reader.Skip();
        (_unknown ??= new()).Add(name, _json[start..(int)_reader.BytesConsumed]);
    }

    /// <summary>The version of the record's form. What is not known of a later one is kept as any unknown field is.</summary>
    private void TakeVersion()
    {
        _reader.Read();
        if (_reader.TokenType != JsonTokenType.Number || !_reader.TryGetInt32(out var version) || version < 1)
        {
            Add("v", "must be the version of the record, a whole number from 1");
            _reader.Skip();
        }
    }

    /// <summary>Moves to the value of a field; notes a repetition. Null counts as absent.</summary>
    /// <returns>Whether there is a value to look at.</returns>
    private bool TakeValue(Fields field, string name)
    {
        var repeated = (_seen & field) != 0;
        _reader.Read();
        if (repeated)
        {
            Add(name, "must appear once");
            _reader.Skip();
            return false;
        }

        if (_reader.TokenType == JsonTokenType.Null)
        {
            return false;
        }

        _seen |= field;
        return true;
    }

    private string? TakeText(Fields field, string name)
    {
        if (!TakeValue(field, name))
        {
            return null;
        }

        if (_reader.TokenType != JsonTokenType.String)
        {
            Add(name, $"must be a string, not {_reader.TokenType.InWords()}");
            _reader.Skip();
            return null;
        }

        var text = TextOfToken();
        if (text is null)
        {
            Add(name, "must not contain half of a surrogate pair");
        }

        return text;
    }

    private void TakeId(string text)
    {
        // The nil and the max UUID stand for "none" and "all" (RFC 9562); as an id, one of them would make
        // unrelated events each other's duplicates.
        if (Guid.TryParseExact(text, "D", out var id) && id != Guid.Empty && id != Guid.AllBitsSet)
        {
            _id = id;
        }
        else
        {
            Add("id", "must be a UUID of the form xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx, neither nil nor max");
        }
    }

    private void TakeLevel(string text)
    {
        if (_complete ? SeverityNames.TryParseCanonical(text, out var level) : SeverityNames.TryParse(text, out level))
        {
            _level = level;
        }
        else
        {
            Add("level", "must be Trace, Debug, Information, Warning, Error or Critical, or a usual spelling of one");
        }
    }

    private void TakeTimestamp(string text)
    {
        if (Rfc3339.TryParse(text, out var time))
        {
            if (Keeps("timestamp", _range?.BrokenBy(time, _receivedAt)))
            {
                _timestamp = time;
            }
        }
        else
        {
            Add("timestamp", $"must be an RFC 3339 time with an offset, e.g. 2026-11-22T07:00:00.123Z, {Rfc3339.Range}");
        }
    }

    private static string? BrokenByMessage(string text) =>
        Encoding.UTF8.GetByteCount(text) > EventRules.MaxMessageBytes
            ? $"must have at most {EventRules.MaxMessageBytes} bytes of UTF-8"
            : EventRules.BrokenByText(text);

    private void TakeAttributes()
    {
        if (!TakeValue(Fields.Attributes, "attributes"))
        {
            return;
        }

        if (_reader.TokenType != JsonTokenType.StartObject)
        {
            Add("attributes", $"must be a JSON object, not {_reader.TokenType.InWords()}");
            _reader.Skip();
            return;
        }

        using var attributes = new AttributeBuilder();
        var count = 0;
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            if (++count > EventRules.MaxAttributes)
            {
                _reader.Read();
                _reader.Skip();
                continue;
            }

            var name = NameOfField();
            _reader.Read();
            if (name is null)
            {
                Add("attributes", "must not have a name with half of a surrogate pair");
                _reader.Skip();
            }
            else if (_complete && _reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
            {
                var start = (int)_reader.TokenStartIndex;
                _reader.Skip();
                (_unknown ??= new()).Add(name, _json[start..(int)_reader.BytesConsumed], prefix: "attributes.");
            }
            else if (attributes.Take(name, ref _reader) is { } broken)
            {
                Add($"attributes.{Shown(name)}", broken);
                _reader.Skip();
            }
        }

        if (count > EventRules.MaxAttributes)
        {
            Add("attributes", $"must have at most {EventRules.MaxAttributes} entries");
            return;
        }

        _attributes = attributes.Build();
        if (Encoding.UTF8.GetByteCount(_attributes) > EventRules.MaxAttributesBytes)
        {
            Add("attributes", $"must have at most {EventRules.MaxAttributesBytes} bytes as compact JSON");
        }
    }

    private readonly string? NameOfField() => TextOfToken();

    /// <summary>The text of a string or a name; null when its escapes hold half of a surrogate pair.</summary>
    private readonly string? TextOfToken() => TextOf(in _reader);

    internal static string? TextOf(in Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            // The bytes are valid UTF-8 by now, so this is the only text that cannot be had.
            return null;
        }
    }

    private readonly bool Keeps(string field, string? broken)
    {
        if (broken is null)
        {
            return true;
        }

        Add(field, broken);
        return false;
    }

    private readonly void Add(string field, string rule)
    {
        // An event may break a rule at every byte; an answer has to stay bounded.
        if (_problems.Count < MaxProblems)
        {
            _problems.Add(new EventProblem(field, rule));
        }
    }

    /// <summary>A name from outside, cut to a length that an answer can carry.</summary>
    private static string Shown(string? name) => name is null ? "(a name with half of a surrogate pair)" : NearestName.Cut(name);
}
