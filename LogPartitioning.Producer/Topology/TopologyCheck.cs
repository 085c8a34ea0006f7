using LogPartitioning.Core;
using LogPartitioning.Core.Kafka;
using Microsoft.Extensions.Options;

namespace LogPartitioning.Producer.Topology;

/// <summary>
/// Checks the topics once, at start. While the brokers do not answer it waits, and the service answers 503; a topic with
/// other numbers ends the service.
/// </summary>
internal sealed partial class TopologyCheck(
    BrokerAdmin brokers,
    IOptions<KafkaOptions> options,
    BrokerCapabilities capabilities,
    TopologyState state,
    ConnectionErrors errors,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<TopologyCheck> log) : BackgroundService
{
    /// <summary>The exit code when the topics are not as the settings say.</summary>
    public const int WrongTopologyExitCode = 3;

    private readonly SteadyLoop _loop = new("Checking the topics", time, log);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => _loop.UntilDoneAsync(CheckAsync, stoppingToken);

    private async Task CheckAsync(CancellationToken stoppingToken)
    {
        try
        {
            await TopicTopology.EnsureWhenBrokersAnswerAsync(
                brokers.Client, options.Value, capabilities, time, e => LogWaiting(errors.Explain(e.Error)), stoppingToken);
            state.SetReady();
            LogReady(options.Value.Topic, options.Value.DeadLetterTopic, options.Value.Partitions);
        }
        catch (TopologyException e)
        {
            LogWrong(e.Message);
            Environment.ExitCode = WrongTopologyExitCode;
            lifetime.StopApplication();
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Topics {Topic} and {DeadLetterTopic} stand with {Partitions} partitions each.")]
    private partial void LogReady(string topic, string deadLetterTopic, int partitions);

    [LoggerMessage(2, LogLevel.Warning, "The topics cannot be checked yet, so nothing is taken: {Reason}")]
    private partial void LogWaiting(string reason);

    [LoggerMessage(3, LogLevel.Critical, "The service does not start. {Problem}")]
    private partial void LogWrong(string problem);
}
