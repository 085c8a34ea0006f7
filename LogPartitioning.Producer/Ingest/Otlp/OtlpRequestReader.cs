using LogPartitioning.Otlp;

namespace LogPartitioning.Producer.Ingest.Otlp;

/// <summary>
/// Reads the protobuf of an <c>ExportLogsServiceRequest</c> where it lies, record by record; what a record says becomes an event by
/// <see cref="OtlpRecordMapper"/>.
/// </summary>
internal static class OtlpRequestReader
{
    /// <summary>Adds every record as an event.</summary>
    /// <param name="request">The request's bytes.</param>
    /// <param name="mapper">Makes an event of a record.</param>
    /// <exception cref="MalformedProtobufException">The bytes are no such request.</exception>
    /// <exception cref="RequestRefusedException">413: there are too many records.</exception>
    public static void Read(ReadOnlySpan<byte> request, OtlpRecordMapper mapper)
    {
        var fields = new WireReader(request);
        while (fields.Next())
        {
            if (fields.Is(OtlpFields.RequestResourceLogs, WireType.Bytes))
            {
                ReadResourceLogs(fields.Bytes(), mapper);
            }
            else
            {
                fields.Skip();
            }
        }
    }

    private static void ReadResourceLogs(ReadOnlySpan<byte> bytes, OtlpRecordMapper mapper)
    {
        // The order of fields is anybody's: what holds for all records may stand behind them.
        OtlpGroup group = default;
        var fields = new WireReader(bytes);
        while (fields.Next())
        {
            if (fields.Is(OtlpFields.ResourceLogs.Resource, WireType.Bytes))
            {
                group.TakeOwner(fields.Bytes());
            }
            else if (fields.Is(OtlpFields.ResourceLogs.SchemaUrl, WireType.Bytes))
            {
                group.SchemaUrl = fields.Bytes();
            }
            else
            {
                group.TakeOther(fields.Is(OtlpFields.ResourceLogs.ScopeLogs, WireType.Bytes), bytes, ref fields);
            }
        }

        mapper.BeginResource(group);
        fields = new WireReader(bytes);
        while (fields.Next())
        {
            if (fields.Is(OtlpFields.ResourceLogs.ScopeLogs, WireType.Bytes))
            {
                ReadScopeLogs(fields.Bytes(), mapper, group);
            }
            else
            {
                fields.Skip();
            }
        }
    }

    private static void ReadScopeLogs(ReadOnlySpan<byte> bytes, OtlpRecordMapper mapper, scoped in OtlpGroup resource)
    {
        OtlpGroup group = default;
        var fields = new WireReader(bytes);
        while (fields.Next())
        {
            if (fields.Is(OtlpFields.ScopeLogs.Scope, WireType.Bytes))
            {
                group.TakeOwner(fields.Bytes());
            }
            else if (fields.Is(OtlpFields.ScopeLogs.SchemaUrl, WireType.Bytes))
            {
                group.SchemaUrl = fields.Bytes();
            }
            else
            {
                group.TakeOther(fields.Is(OtlpFields.ScopeLogs.LogRecords, WireType.Bytes), bytes, ref fields);
            }
        }

        fields = new WireReader(bytes);
        while (fields.Next())
        {
            if (fields.Is(OtlpFields.ScopeLogs.LogRecords, WireType.Bytes))
            {
                mapper.Add(resource, group, fields.Bytes());
            }
            else
            {
                fields.Skip();
            }
        }
    }
}
