using System.Globalization;
using LogPartitioning.Core.Events;
using Npgsql;
using NpgsqlTypes;

namespace LogPartitioning.Gateway.Query;

/// <summary>A statement about stored events in the making: its values are parameters, and have their names when they are given.</summary>
internal sealed class Statement
{
    private readonly NpgsqlBatchCommand _command = new();

    /// <summary>The name of a value in the text.</summary>
    public string Value(object value, NpgsqlDbType type)
    {
        _command.Parameters.Add(new() { Value = value, NpgsqlDbType = type });
        return string.Create(CultureInfo.InvariantCulture, $"${_command.Parameters.Count}");
    }

    /// <summary>That a column's time lies in a range.</summary>
    public string In(TimeRange range, string column) =>
        $"{column} >= {Value(range.From, NpgsqlDbType.TimestampTz)} AND {column} < {Value(range.To, NpgsqlDbType.TimestampTz)}";

    /// <summary>The statement with its text.</summary>
    public NpgsqlBatchCommand With(string text)
    {
        _command.CommandText = text;
        return _command;
    }

    /// <summary>
    /// Conditions on the level, each with an AND before it. They are numbers of this program and stand in the text: whether the index of errors,
    /// which has a condition, may be used is decided by the text wherever a plan is made without the values.
    /// </summary>
    public static string Levels(Severity? level, Severity? minLevel) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(level is { } one ? $" AND level = {(short)one}" : "")}{(minLevel is { } least ? $" AND level >= {(short)least}" : "")}");
}
