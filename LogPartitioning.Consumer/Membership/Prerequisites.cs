using Confluent.Kafka;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Storage;
using LogPartitioning.Core.Storage.Retention;

namespace LogPartitioning.Consumer.Membership;

/// <summary>What must be there before the first record is read: the tables, and the topics as the services need them.</summary>
internal sealed class Prerequisites(
    LogStoreSchema schema,
    DaysAhead days,
    IAdminClient admin,
    Microsoft.Extensions.Options.IOptions<KafkaOptions> kafka,
    BrokerCapabilities capabilities,
    ConnectionErrors errors,
    StoreStates stores,
    TimeProvider time,
    ILogger<Prerequisites> log)
{
    /// <summary>Waits for both, for as long as it takes.</summary>
    /// <exception cref="TopologyException">The services cannot work with a topic as it is.</exception>
    /// <exception cref="StoreRefusedException">This program cannot work with the store as it is.</exception>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] all = [WaitForTopicsAsync(waiting.Token), WaitForTablesAsync(waiting.Token)];
        var first = await Task.WhenAny(all);
        if (!first.IsCompletedSuccessfully)
        {
            // Why the service cannot start is told now, and not when the other one is there, too.
            await waiting.CancelAsync();
            await Task.WhenAll(all).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await first;
        }

        await Task.WhenAll(all);
    }

    private async Task WaitForTopicsAsync(CancellationToken cancellationToken)
    {
        var differences = await TopicTopology.EnsureWhenBrokersAnswerAsync(
            admin,
            kafka.Value,
            capabilities,
            time,
            e =>
            {
                var reason = errors.Explain(e.Error);
                stores.Fails(StoreStates.Kafka, BrokerFailure.InWords(e.Error));
                log.WaitingForBrokers(reason);
            },
            cancellationToken);
        foreach (var difference in differences)
        {
            log.TopicDiffers(difference.Message);
        }

        stores.Answers(StoreStates.Kafka);
    }

    private async Task WaitForTablesAsync(CancellationToken cancellationToken)
    {
        await schema.EnsureWhenReadyAsync(
            (e, wait) =>
            {
                stores.Fails(StoreStates.Logs, LogStoreFailure.InWords(e));
                log.WaitingForDatabase(e.Message, wait.TotalSeconds);
            },
            cancellationToken);
        await days.TryMakeAsync(cancellationToken);
        stores.Answers(StoreStates.Logs);
    }
}
