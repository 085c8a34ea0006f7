using LogPartitioning.Gateway.Query;
using Npgsql;
using NpgsqlTypes;

namespace LogPartitioning.Benchmarks.Store;

/// <summary>Puts a filter's values into a command.</summary>
internal sealed class FilterParameters(NpgsqlCommand command)
{
    /// <summary>Its conditions, each after an AND.</summary>
    public string Conditions(LogFilter filter)
    {
        (object? Value, NpgsqlDbType Type, string Condition)[] all =
        [
            (filter.Source, NpgsqlDbType.Text, "source ="),
            ((short?)filter.MinLevel, NpgsqlDbType.Smallint, "level >="),
            (filter.From?.UtcDateTime, NpgsqlDbType.TimestampTz, "timestamp >="),
            (filter.To?.UtcDateTime, NpgsqlDbType.TimestampTz, "timestamp <"),
        ];
        return string.Concat(all.Where(one => one.Value is not null).Select(one => $" AND {one.Condition} {Add(one.Value!, one.Type)}"));
    }

    /// <returns>Its place in the statement.</returns>
    public string Add(object value, NpgsqlDbType type)
    {
        command.Parameters.Add(new() { Value = value, NpgsqlDbType = type });
        return $"${command.Parameters.Count}";
    }
}
