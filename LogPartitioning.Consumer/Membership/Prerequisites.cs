using Confluent.Kafka;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Storage;
using Npgsql;

namespace LogPartitioning.Consumer.Membership;

/// <summary>What must be there before the first record is read: the tables, and the topics with the right numbers.</summary>
internal sealed class Prerequisites(
    NpgsqlDataSource database,
    IAdminClient admin,
    Microsoft.Extensions.Options.IOptions<KafkaOptions> kafka,
    BrokerCapabilities capabilities,
    StoreStates stores,
    TimeProvider time,
    ILogger<Prerequisites> log)
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(5);

    /// <summary>Waits for both, for as long as it takes.</summary>
    /// <exception cref="TopologyException">A topic stands with other numbers.</exception>
    public Task WaitAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(WaitForTopicsAsync(cancellationToken), WaitForTablesAsync(cancellationToken));

    private async Task WaitForTopicsAsync(CancellationToken cancellationToken)
    {
        await TopicTopology.EnsureWhenBrokersAnswerAsync(
            admin,
            kafka.Value,
            capabilities,
            time,
            e =>
            {
                stores.Fails(StoreStates.Kafka, e.Error.Reason);
                log.WaitingForBrokers(e.Error.Reason);
            },
            cancellationToken);
        stores.Answers(StoreStates.Kafka);
    }

    private async Task WaitForTablesAsync(CancellationToken cancellationToken)
    {
        var backoff = new Backoff(FirstRetry, LongestRetry);
        while (true)
        {
            try
            {
                await LogStoreSchema.EnsureAsync(database, cancellationToken);
                stores.Answers(StoreStates.Logs);
                return;
            }
            catch (NpgsqlException e)
            {
                var wait = backoff.Next();
                stores.Fails(StoreStates.Logs, e.Message);
                log.WaitingForDatabase(e.Message, wait.TotalSeconds);
                await Task.Delay(wait, time, cancellationToken);
            }
        }
    }
}
