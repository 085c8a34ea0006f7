using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Storage;

namespace LogPartitioning.Consumer.Membership;

/// <summary>The instance: waits for what it needs, then runs its workers until the host stops.</summary>
internal sealed class ConsumerInstance(
    Prerequisites prerequisites,
    WorkerServices services,
    IHostApplicationLifetime lifetime,
    ILogger<ConsumerInstance> log) : StopsBeforeHttpService
{
    /// <summary>The exit code when the topics are not as the settings say.</summary>
    public const int WrongTopologyExitCode = 3;

    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The workers, by number.</summary>
    public IReadOnlyList<Worker> Workers { get; } =
        [.. Enumerable.Range(0, services.Options.Concurrency).Select(n => new Worker(services, n))];

    /// <summary>Whether tables and topics are there, and the workers have begun.</summary>
    public bool IsReady => _ready.Task.IsCompletedSuccessfully;

    /// <summary>Done when <see cref="IsReady"/>.</summary>
    public Task Ready => _ready.Task;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await prerequisites.WaitAsync(stoppingToken);
        }
        catch (TopologyException e)
        {
            log.WrongTopology(e.Message);
            Environment.ExitCode = WrongTopologyExitCode;
            lifetime.StopApplication();
            return;
        }
        catch (StoreRefusedException e)
        {
            foreach (var problem in e.Problems)
            {
                log.WrongStore(problem);
            }

            Environment.ExitCode = CheckedStart.WrongStoreExitCode;
            lifetime.StopApplication();
            return;
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return;
        }

        log.InstanceStarts(services.Options.Instance, services.Kafka.Topic, services.Kafka.Group, Workers.Count);
        _ready.SetResult();
        using var watching = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var watch = services.Topic.RunAsync(watching.Token);
        await Task.WhenAll(Workers.Select(w => w.RunAsync(stoppingToken)));
        await watching.CancelAsync();
        await watch;
        log.InstanceStopped(services.Options.Instance);
    }
}
