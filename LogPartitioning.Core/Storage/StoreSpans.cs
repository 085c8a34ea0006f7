using Npgsql;

namespace LogPartitioning.Core.Storage;

/// <summary>How the database's part of a trace reads.</summary>
public static class StoreSpans
{
    /// <summary>
    /// Names a span after the statement's first word; Npgsql itself calls every statement <c>postgresql</c>. The statement is a
    /// tag of the span; the values of its parameters are not.
    /// </summary>
    public static void Configure(NpgsqlDataSourceBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.ConfigureTracing(tracing => tracing
            .ConfigureCommandSpanNameProvider(command => NameOf(command.CommandText))
            .EnableFirstResponseEvent(false));
    }

    internal static string? NameOf(string statement)
    {
        var text = statement.AsSpan().TrimStart();
        var end = text.IndexOfAny(' ', '\n', '(');
        return text.IsEmpty ? null : new string(end < 0 ? text : text[..end]).ToUpperInvariant();
    }
}
