using Npgsql;
using NpgsqlTypes;

namespace LogPartitioning.Core.Storage;

/// <summary>Many rows as the parameters of one statement, a column each, which <c>unnest</c> puts together again.</summary>
public static class ArrayParameters
{
    /// <summary>Adds a column.</summary>
    public static void AddArray<T>(this NpgsqlCommand command, IEnumerable<T> values, NpgsqlDbType elementType)
    {
        ArgumentNullException.ThrowIfNull(command);
        command.Parameters.Add(new() { Value = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | elementType });
    }
}
