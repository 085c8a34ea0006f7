using System.Globalization;
using LogPartitioning.Consumer.Storage;
using LogPartitioning.Core.Events;

namespace LogPartitioning.Benchmarks.Store;

/// <summary>What events cost that are stored already: batches as the consumer writes them, of which a share was in the batch before.</summary>
internal static class StoreDuplicates
{
    private const int Events = 200_000;
    private const int Batch = 5_000;
    private const int Rounds = 5;

    /// <summary>Partitions that no other event of the store is of; a further one for each run.</summary>
    private const int FirstPartition = 1_000;

    private static readonly double[] s_shares = [0, 0.001, 0.5];

    public static async Task RunAsync(string schema)
    {
        await using var database = BenchDatabase.Open(schema);
        var store = new LogStore(database, "bench", "duplicates");
        var timings = s_shares.ToDictionary(share => share, _ => new Timings());
        var partition = FirstPartition;
        // What is made once, connections and plans and compiled code, is not to count.
        await WriteAsync(store, partition++, BatchesOf(0.5).Take(4).ToList(), new());
        for (var round = 1; round <= Rounds; round++)
        {
            Console.Error.WriteLine($"  round {round} of {Rounds}");
            // Each share comes first as often as another one.
            foreach (var share in s_shares.Select((_, i) => s_shares[(i + round) % s_shares.Length]))
            {
                await WriteAsync(store, partition++, BatchesOf(share), timings[share]);
            }
        }

        Console.WriteLine($"{Events:N0} events written by a consumer's `LogStore` in batches of {Batch:N0}, one after the other; the median of {Rounds} rounds in turn.");
        Console.WriteLine();
        Console.WriteLine("| stored already | ms | events a second | against none |");
        Console.WriteLine("|---:|---:|---:|---:|");
        foreach (var (share, taken) in timings)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {share * 100:0.#} % | {taken.Median:#,0} | {Events / taken.Median * 1000:#,0} | {taken.Median / timings[0].Median:0.00} |"));
        }

        Console.WriteLine();
    }

    private static async Task WriteAsync(LogStore store, int partition, IReadOnlyList<LogEvent[]> batches, Timings timings)
    {
        var claim = (await store.ClaimAsync([partition], "bench", null, CancellationToken.None))[0];
        var written = new List<PartitionBatch>();
        var offset = claim.NextOffset;
        foreach (var events in batches)
        {
            written.Add(new(partition, claim.Epoch, offset, offset + events.Length, [.. events.Select((e, i) => new LogRecord(offset + i, e.Source, e))]));
            offset += events.Length;
        }

        await timings.MeasureAsync(async () =>
        {
            foreach (var batch in written)
            {
                var outcome = await store.WriteAsync([batch], CancellationToken.None);
                if (!outcome.Committed)
                {
                    throw new InvalidOperationException($"A batch was not written: {outcome}");
                }
            }
        });
    }

    private static List<LogEvent[]> BatchesOf(double share)
    {
        var again = (int)(Batch * share);
        var now = DateTimeOffset.UtcNow;
        List<LogEvent[]> batches = [];
        for (var i = 0; i < Events / Batch; i++)
        {
            // The newest of the batch before: none of them was a duplicate itself. The first batch has nothing to repeat.
            var repeated = batches.Count == 0 ? [] : batches[^1][(Batch - again)..];
            batches.Add([.. repeated, .. Enumerable.Range(0, Batch - repeated.Length).Select(n => New((i * Batch) + n, now))]);
        }

        return batches;
    }

    private static LogEvent New(int n, DateTimeOffset now) => new(
        Guid.CreateVersion7(now),
        $"service-{n % 500}",
        n % 50 == 0 ? Severity.Error : Severity.Information,
        $"GET /api/orders/{n} 200 in {n % 977} ms cache=hit region=eu-{n % 4} retry=0 db={n % 89}ms zone={n % 7} user={n * 7} session={n * 31:x8}",
        // As PostgreSQL keeps it: whole microseconds.
        new DateTimeOffset(now.Ticks / TimeSpan.TicksPerMicrosecond * TimeSpan.TicksPerMicrosecond, TimeSpan.Zero).AddMilliseconds(n / 50),
        n % 20 == 0 ? $$"""{"orderId":{{n}},"amount":{{n % 977}}}""" : null);
}
