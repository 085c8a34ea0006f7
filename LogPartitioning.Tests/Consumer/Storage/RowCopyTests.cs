using LogPartitioning.Consumer.Storage;
using LogPartitioning.Tests.Servers;
using Npgsql;

namespace LogPartitioning.Tests.Consumer.Storage;

[Collection(PostgresTests.Name)]
public sealed class RowCopyTests(PostgresServer server) : DatabaseTest(server)
{
    [PostgresFact]
    public async Task A_connection_that_breaks_is_what_is_told()
    {
        await using var connection = await Database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var number = new NpgsqlCommand("CREATE TEMPORARY TABLE rows (text text); SELECT pg_backend_pid()", connection);
        var session = (int)(await number.ExecuteScalarAsync())!;
        List<PlacedRecord> records = [.. Enumerable.Range(0, 10_000).Select(i => new PlacedRecord(StoredEvents.Record(i), 0, 1))];

        var failure = await Assert.ThrowsAnyAsync<NpgsqlException>(() => RowCopy.RunAsync(
            connection,
            "COPY rows (text) FROM STDIN (FORMAT BINARY)",
            records,
            [.. Enumerable.Range(0, records.Count)],
            columns: 1,
            (buffer, in placed) =>
            {
                if (placed.Place.Offset == 5_000)
                {
                    End(session);
                }

                buffer.Add(new string('x', 1_000));
            },
            CancellationToken.None));

        Assert.True(failure is not PostgresException { SqlState: PostgresErrorCodes.QueryCanceled }, failure.ToString());
    }

    private void End(int session)
    {
        using var command = Database.CreateCommand("SELECT pg_terminate_backend($1, 10000)");
        command.Parameters.Add(new() { Value = session });
        Assert.Equal(true, command.ExecuteScalar());
    }
}
