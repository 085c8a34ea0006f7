using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Storage;
using Microsoft.Extensions.Options;
using Npgsql;

namespace LogPartitioning.Gateway.Group;

/// <summary>Reads <c>log_gaps</c>: records that should have been stored and were not there to be read, or were passed on request.</summary>
internal sealed class LogGaps(NpgsqlDataSource database, IOptions<KafkaOptions> kafka)
{
    private const int Limit = 1000;

    /// <summary>The last gaps, newest first.</summary>
    /// <exception cref="NpgsqlException">The database does not answer or refuses.</exception>
    public Task<LogGapList> ReadAsync(CancellationToken cancellationToken) => database.ReadAsync(ReadOnceAsync, cancellationToken);

    private async Task<LogGapList> ReadOnceAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            SELECT partition, log, from_offset, to_offset, cause, noticed_at, sum(to_offset - from_offset) OVER ()::bigint
            FROM log_gaps WHERE group_id = $1 AND topic = $2
            ORDER BY noticed_at DESC, partition, from_offset DESC LIMIT $3
            """);
        command.Parameters.Add(new() { Value = kafka.Value.Group });
        command.Parameters.Add(new() { Value = kafka.Value.Topic });
        command.Parameters.Add(new() { Value = Limit });
        var total = 0L;
        var items = new List<LogGapView>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var (from, to) = (reader.GetInt64(2), reader.GetInt64(3));
            items.Add(new(reader.GetInt32(0), reader.GetInt16(1), from, to, to - from, reader.GetString(4), reader.GetFieldValue<DateTimeOffset>(5)));
            total = reader.GetInt64(6);
        }
        return new(total, items);
    }
}

/// <summary>Records that were never stored.</summary>
/// <param name="Total">How many, over all gaps.</param>
/// <param name="Items">The last 1,000 gaps, newest first.</param>
internal sealed record LogGapList(long Total, IReadOnlyList<LogGapView> Items);

/// <summary>One gap.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Log">Which of the partition's logs.</param>
/// <param name="From">The first offset that is missing.</param>
/// <param name="To">The offset after the last.</param>
/// <param name="Offsets">How many.</param>
/// <param name="Cause"><c>deleted</c>: the brokers had deleted them, by retention or on request, before they were stored. <c>skipped</c>: an operator moved the position beyond them.</param>
/// <param name="At">When it was noticed.</param>
internal sealed record LogGapView(int Partition, short Log, long From, long To, long Offsets, string Cause, DateTimeOffset At);
