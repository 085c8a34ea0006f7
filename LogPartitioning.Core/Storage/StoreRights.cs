using Npgsql;

namespace LogPartitioning.Core.Storage;

/// <summary>What the services do with which table, and so the rights that their role needs. It owns nothing and changes no table.</summary>
internal static class StoreRights
{
    private static readonly (string Table, string[] Rights)[] s_needed =
    [
        ("log_events", ["SELECT", "INSERT"]),
        ("log_event_ids", ["SELECT", "INSERT"]),
        ("log_counts", ["SELECT", "INSERT", "UPDATE"]),
        ("consumer_offsets", ["SELECT", "INSERT", "UPDATE"]),
        ("log_gaps", ["SELECT", "INSERT", "UPDATE", "DELETE"]),
        ("source_splits", ["SELECT", "INSERT", "UPDATE", "DELETE"]),
        ("dead_letter_replays", ["SELECT", "INSERT", "UPDATE", "DELETE"]),
        ("replay_jobs", ["SELECT", "INSERT", "UPDATE", "DELETE"]),
        ("retention_runs", ["SELECT", "INSERT", "DELETE"]),
        (SchemaVersions.Table, ["SELECT"]),
    ];

    /// <summary>What they have the owner do. Kept from everybody else.</summary>
    private static readonly string[] s_functions =
    [
        "make_log_day(date)",
        "drop_log_day(date)",
        "drop_log_ids(date, date)",
        "delete_log_ids(date, integer)",
        "delete_log_events(date, timestamptz, integer, integer)",
    ];

    private static string[] Tables { get; } = [.. s_needed.Select(need => need.Table)];

    /// <summary>What a role lacks, as the statements that give it. Those of tables that do not exist are left out.</summary>
    public static async Task<IReadOnlyList<string>> MissingAsync(NpgsqlDataSource database, string role, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            SELECT format('GRANT %s ON %s TO %I', string_agg(need.granted, ', ' ORDER BY need.n), need.name, $3)
            FROM unnest($1, $2) WITH ORDINALITY AS need(name, granted, n)
            WHERE NOT has_table_privilege($3::name, to_regclass(need.name)::oid, need.granted)
            GROUP BY need.name
            UNION ALL
            SELECT format('GRANT EXECUTE ON FUNCTION %s TO %I', called.name, $3)
            FROM unnest($4) AS called(name) WHERE NOT has_function_privilege($3::name, to_regprocedure(called.name)::oid, 'EXECUTE')
            UNION ALL
            SELECT format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), $3) WHERE NOT has_schema_privilege($3::name, current_schema(), 'USAGE')
            ORDER BY 1
            """);
        var needed = s_needed.SelectMany(need => need.Rights.Select(right => (need.Table, Right: right))).ToList();
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. needed.Select(need => need.Table)] });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. needed.Select(need => need.Right)] });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = role });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = s_functions });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var statements = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
        {
            statements.Add(reader.GetString(0));
        }

        return statements;
    }

    /// <summary>Whether the role of a connection may change the tables, and make those that are missing.</summary>
    public static async Task<bool> MayChangeTablesAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            SELECT coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) AND NOT EXISTS (
              SELECT FROM pg_class WHERE oid IN (SELECT to_regclass(name) FROM unnest($1) AS store(name)) AND NOT pg_has_role(relowner, 'USAGE'))
            """);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = Tables });
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }
}
