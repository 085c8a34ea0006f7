using Confluent.Kafka;
using LogPartitioning.Core;
using LogPartitioning.Core.Events;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Producer.Delivery;
using Microsoft.Extensions.Options;

namespace LogPartitioning.Producer.Topology;

/// <summary>
/// Checks the topics at start. While the brokers do not answer it waits, and the service answers 503; a topic that the services
/// cannot work with ends the service. Later it looks every ten seconds whether somebody has changed a topic, and says so.
/// </summary>
internal sealed partial class TopologyCheck(
    BrokerAdmin brokers,
    IOptions<KafkaOptions> options,
    BrokerCapabilities capabilities,
    TopologyState state,
    ConnectionErrors errors,
    RecordClients clients,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<TopologyCheck> log) : BackgroundService
{
    /// <summary>The exit code when the topics are not as the settings say.</summary>
    public const int WrongTopologyExitCode = 3;

    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(10);

    private readonly SteadyLoop _loop = new("Checking the topics", time, log);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => _loop.UntilDoneAsync(CheckAsync, stoppingToken);

    private async Task CheckAsync(CancellationToken stoppingToken)
    {
        try
        {
            var differences = await TopicTopology.EnsureWhenBrokersAnswerAsync(brokers.Client, options.Value, capabilities, time, Wait, stoppingToken);
            // Before anything is sent: a client's batches cannot be made smaller later.
            await LearnSizeLimitAsync(stoppingToken);
            Use(differences);
            LogReady(options.Value.Topic, options.Value.DeadLetterTopic, options.Value.Partitions);
            await WatchAsync(stoppingToken);
        }
        catch (TopologyException e)
        {
            LogWrong(e.Message);
            Environment.ExitCode = WrongTopologyExitCode;
            lifetime.StopApplication();
        }
    }

    private void Wait(KafkaException reason)
    {
        var detail = errors.Explain(reason.Error);
        LogWaiting(detail);
        state.SetWaiting(detail, isAnswer: !reason.Error.IsLocalError);
    }

    private void Use(IReadOnlyList<TopicDifference> differences)
    {
        foreach (var difference in differences.Except(state.Differences))
        {
            LogDiffers(difference.WhileRunning);
        }

        state.SetReady(differences);
    }

    private async Task WatchAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                Use(await TopicTopology.CompareAsync(brokers.Client, options.Value, capabilities, stoppingToken));
            }
            catch (KafkaException)
            {
                // The brokers' health is told elsewhere.
            }
        }
    }

    private async Task LearnSizeLimitAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await TopicSizeLimit.ReadAsync(brokers.Client, options.Value.Topic, capabilities, cancellationToken) is not { } limit)
            {
                return;
            }

            clients.KeepWithin(limit);
            if (limit < EventRules.MaxRecordBytes)
            {
                LogSmallLimit(options.Value.Topic, limit, EventRules.MaxRecordBytes);
            }
        }
        catch (KafkaException e)
        {
            // What is too large then, the first refusal tells.
            LogLimitUnknown(options.Value.Topic, e.Error.Reason);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Topics {Topic} and {DeadLetterTopic} stand with {Partitions} partitions each.")]
    private partial void LogReady(string topic, string deadLetterTopic, int partitions);

    [LoggerMessage(2, LogLevel.Warning, "The topics cannot be checked yet, so nothing is taken: {Reason}")]
    private partial void LogWaiting(string reason);

    [LoggerMessage(4, LogLevel.Warning, "{Difference}")]
    private partial void LogDiffers(string difference);

    [LoggerMessage(6, LogLevel.Warning, "Topic {Topic} takes records of at most {Limit} bytes. An event may become {Needed}; larger ones than it takes are refused.")]
    private partial void LogSmallLimit(string topic, int limit, int needed);

    [LoggerMessage(5, LogLevel.Warning, "The largest record that topic {Topic} takes could not be read: {Reason}")]
    private partial void LogLimitUnknown(string topic, string reason);

    [LoggerMessage(3, LogLevel.Critical, "The service does not start. {Problem}")]
    private partial void LogWrong(string problem);
}
