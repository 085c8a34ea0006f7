using BenchmarkDotNet.Attributes;
using Npgsql;
using NpgsqlTypes;

namespace LogPartitioning.Benchmarks;

/// <summary>
/// A batch of events into PostgreSQL three ways: binary COPY, one INSERT over arrays, one INSERT a row in a pipelined
/// batch. Needs a server: its connection string in <c>BENCH_POSTGRES</c>. Works in a table of its own that it drops.
/// </summary>
public class StoreBenchmarks
{
    private const string Columns = "id, partition, \"offset\", source, message, timestamp";

    private readonly string _message = new('x', 120);
    private readonly DateTime _timestamp = DateTime.UtcNow;
    private NpgsqlDataSource _database = null!;
    private long _offset;

    /// <summary>Events in one transaction.</summary>
    [Params(100, 1_000, 5_000)]
    public int Batch { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        var connection = Environment.GetEnvironmentVariable("BENCH_POSTGRES")
            ?? throw new InvalidOperationException("Set BENCH_POSTGRES to a PostgreSQL connection string.");
        _database = NpgsqlDataSource.Create(connection);
        Execute("""
            DROP TABLE IF EXISTS bench_events;
            CREATE TABLE bench_events (id uuid NOT NULL UNIQUE, partition int NOT NULL, "offset" bigint NOT NULL, source text NOT NULL,
              message text NOT NULL, timestamp timestamptz NOT NULL, PRIMARY KEY (partition, "offset"));
            """);
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        Execute("DROP TABLE IF EXISTS bench_events");
        _database.Dispose();
    }

    [Benchmark(Baseline = true)]
    public async Task CopyAsync()
    {
        await using var connection = await _database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var copy = await connection.BeginBinaryImportAsync($"COPY bench_events ({Columns}) FROM STDIN (FORMAT BINARY)"))
        {
            for (var i = 0; i < Batch; i++)
            {
                await copy.StartRowAsync();
                await copy.WriteAsync(Guid.CreateVersion7(), NpgsqlDbType.Uuid);
                await copy.WriteAsync(1, NpgsqlDbType.Integer);
                await copy.WriteAsync(_offset++, NpgsqlDbType.Bigint);
                await copy.WriteAsync("checkout-7", NpgsqlDbType.Text);
                await copy.WriteAsync(_message, NpgsqlDbType.Text);
                await copy.WriteAsync(_timestamp, NpgsqlDbType.TimestampTz);
            }

            await copy.CompleteAsync();
        }

        await transaction.CommitAsync();
    }

    [Benchmark]
    public async Task InsertFromArraysAsync()
    {
        var rows = Enumerable.Range(0, Batch).ToArray();
        await using var command = _database.CreateCommand(
            $"INSERT INTO bench_events ({Columns}) SELECT * FROM unnest($1::uuid[], $2::int[], $3::bigint[], $4::text[], $5::text[], $6::timestamptz[])");
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. rows.Select(_ => Guid.CreateVersion7())] });
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = [.. rows.Select(_ => 1)] });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. rows.Select(_ => _offset++)] });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. rows.Select(_ => "checkout-7")] });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. rows.Select(_ => _message)] });
        command.Parameters.Add(new NpgsqlParameter<DateTime[]> { TypedValue = [.. rows.Select(_ => _timestamp)] });
        await command.ExecuteNonQueryAsync();
    }

    [Benchmark]
    public async Task InsertEachRowAsync()
    {
        await using var connection = await _database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var batch = new NpgsqlBatch(connection, transaction);
        for (var i = 0; i < Batch; i++)
        {
            var command = new NpgsqlBatchCommand($"INSERT INTO bench_events ({Columns}) VALUES ($1, $2, $3, $4, $5, $6)");
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = Guid.CreateVersion7() });
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = 1 });
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = _offset++ });
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = "checkout-7" });
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = _message });
            command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = _timestamp });
            batch.BatchCommands.Add(command);
        }

        await batch.ExecuteNonQueryAsync();
        await transaction.CommitAsync();
    }

    private void Execute(string sql)
    {
        using var command = _database.CreateCommand(sql);
        command.ExecuteNonQuery();
    }
}
