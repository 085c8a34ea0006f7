namespace LogPartitioning.Otlp;

/// <summary>
/// The attributes under which an event has what OTLP has fields for: the names that OpenTelemetry gives them in formats that have no such fields. The
/// attributes of a record keep their own names; one that has a name of these is kept in <see cref="Raw"/>.
/// </summary>
public static class OtlpNames
{
    /// <summary>The source of records whose resource has no <c>service.name</c>, as the semantic conventions have it.</summary>
    public const string UnknownService = "unknown_service";

    /// <summary>Stands before the attributes of the resource.</summary>
    public const string ResourcePrefix = "resource.";

    /// <summary>Stands before whatever belongs to OpenTelemetry itself.</summary>
    public const string OtelPrefix = "otel.";

    /// <summary>The name of the scope.</summary>
    public const string ScopeName = "otel.scope.name";

    /// <summary>The version of the scope.</summary>
    public const string ScopeVersion = "otel.scope.version";

    /// <summary>Stands before the attributes of the scope.</summary>
    public const string ScopeAttributePrefix = "otel.scope.attribute.";

    /// <summary>The schema of the scope and its records.</summary>
    public const string ScopeSchemaUrl = "otel.scope.schema_url";

    /// <summary>The schema of the resource.</summary>
    public const string ResourceSchemaUrl = "otel.resource.schema_url";

    /// <summary>
    /// Base64 of a protobuf <c>ResourceLogs</c> that has this record alone: of one that says more than attributes can (lists, bytes, a body that is no
    /// text, fields of a later version). It is the record then, and what else stands there only helps to find it.
    /// </summary>
    public const string Raw = "otel.raw";

    /// <summary>As <see cref="Raw"/>, of a record whose body is a text: that is the event's message, and not there twice.</summary>
    public const string RawWithoutBody = "otel.raw_without_body";

    /// <summary>
    /// True where a record that would need <see cref="Raw"/> is too large for it: what no attribute can say as it is stands as JSON in its attribute, or
    /// in <c>more</c>.
    /// </summary>
    public const string RawOmitted = "otel.raw_omitted";

    /// <summary>Stands before an attribute of a record whose own name means something else here.</summary>
    public const string ReservedPrefix = "otel.attribute.";

    /// <summary>The trace, 32 hexadecimal digits.</summary>
    public const string TraceId = "trace_id";

    /// <summary>The span, 16 hexadecimal digits.</summary>
    public const string SpanId = "span_id";

    /// <summary>The flags, where they are not 0.</summary>
    public const string TraceFlags = "trace_flags";

    /// <summary>The name of the level as the program had it.</summary>
    public const string SeverityText = "severity_text";

    /// <summary>The severity, where it is not the first of its level.</summary>
    public const string SeverityNumber = "severity_number";

    /// <summary>What the time has beyond the microsecond: 1 to 999.</summary>
    public const string TimestampNanos = "timestamp_nanos";

    /// <summary>0 where the record has no time of its own.</summary>
    public const string TimeUnixNano = "time_unix_nano";

    /// <summary>When it was observed, where that is not its time.</summary>
    public const string ObservedTimeUnixNano = "observed_time_unix_nano";

    /// <summary>The kind of event.</summary>
    public const string EventName = "event_name";

    /// <summary>How many attributes the program left out, where it did.</summary>
    public const string DroppedAttributesCount = "dropped_attributes_count";

    /// <summary>The resource's attribute that is the source.</summary>
    public const string ServiceName = "service.name";

    /// <summary>The resource's attribute that tells the instances of a service apart.</summary>
    public const string ServiceInstanceId = "service.instance.id";

    private static readonly HashSet<string> s_fields = new(StringComparer.Ordinal)
    {
        TraceId, SpanId, TraceFlags, SeverityText, SeverityNumber, TimestampNanos, TimeUnixNano, ObservedTimeUnixNano, EventName, DroppedAttributesCount, "more",
    };

    /// <summary>Whether a name stands for a field here, so that a record's own attribute cannot have it.</summary>
    public static bool IsReserved(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return s_fields.Contains(name) || name.StartsWith(ResourcePrefix, StringComparison.Ordinal) || name.StartsWith(OtelPrefix, StringComparison.Ordinal);
    }
}
