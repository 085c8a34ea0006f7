using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Orchestration;

/// <summary>Lets a test see and change the application that an AppHost's own entry point builds, and decide when it starts.</summary>
internal abstract class EntryPointObserver
{
    private static readonly AsyncLocal<EntryPointObserver?> Flowing = new();
    private readonly TaskCompletionSource _allowed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The observer of the entry point that runs on this flow of execution.</summary>
    public static EntryPointObserver? Current
    {
        get => Flowing.Value;
        set => Flowing.Value = value;
    }

    public abstract void Constructing(DistributedApplicationOptions options, HostApplicationBuilderSettings settings);

    public abstract void Constructed(DistributedApplicationBuilder builder);

    /// <summary>Returns when the test has said what it has to say.</summary>
    public abstract void Building(DistributedApplicationBuilder builder);

    public abstract void Built(DistributedApplication application);

    /// <summary>Called by the entry point, starts when the test agrees; called by the test, agrees and waits.</summary>
    public virtual async Task StartAsync(Func<CancellationToken, Task> start, CancellationToken cancellationToken)
    {
        if (Current != this)
        {
            _allowed.TrySetResult();
            await _started.Task.WaitAsync(cancellationToken);
            return;
        }

        await _allowed.Task.WaitAsync(cancellationToken);
        try
        {
            await start(cancellationToken);
            _started.TrySetResult();
        }
        catch (Exception e)
        {
            _started.TrySetException(e);
            throw;
        }
    }

    /// <summary>The entry point ended or failed before the application had started.</summary>
    protected void EndedEarly(Exception exception) => _started.TrySetException(exception);

    /// <summary>The application is given up: an entry point that waits to start must not wait for ever.</summary>
    protected void GiveUp() => _allowed.TrySetCanceled();
}
