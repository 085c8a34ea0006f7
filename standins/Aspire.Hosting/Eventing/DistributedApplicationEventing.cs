using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Eventing;

/// <summary>Something that happens in the application.</summary>
public interface IDistributedApplicationEvent;

/// <summary>Something that happens to a resource.</summary>
public interface IDistributedApplicationResourceEvent : IDistributedApplicationEvent
{
    /// <summary>To which one.</summary>
    IResource Resource { get; }
}

/// <summary>Whether the publisher waits for the subscribers, and they for each other.</summary>
public enum EventDispatchBehavior
{
    /// <summary>One after the other; the publisher waits.</summary>
    BlockingSequential,

    /// <summary>All at once; the publisher waits.</summary>
    BlockingConcurrent,

    /// <summary>One after the other; the publisher goes on.</summary>
    NonBlockingSequential,

    /// <summary>All at once; the publisher goes on.</summary>
    NonBlockingConcurrent,
}

/// <summary>A subscription.</summary>
/// <param name="callback">What is called.</param>
public class DistributedApplicationEventSubscription(Func<IDistributedApplicationEvent, CancellationToken, Task> callback)
{
    /// <summary>What is called.</summary>
    public Func<IDistributedApplicationEvent, CancellationToken, Task> Callback { get; } = callback;
}

/// <summary>A subscription to what happens to one resource.</summary>
/// <param name="resource">To which one.</param>
/// <param name="callback">What is called.</param>
public class DistributedApplicationResourceEventSubscription(
    IResource? resource, Func<IDistributedApplicationResourceEvent, CancellationToken, Task> callback)
    : DistributedApplicationEventSubscription((@event, cancellation) => callback((IDistributedApplicationResourceEvent)@event, cancellation))
{
    /// <summary>To which one.</summary>
    public IResource? Resource { get; } = resource;
}

/// <summary>Carries events to those who asked for them.</summary>
public interface IDistributedApplicationEventing
{
    /// <summary>Asks for an event.</summary>
    DistributedApplicationEventSubscription Subscribe<T>(Func<T, CancellationToken, Task> callback)
        where T : IDistributedApplicationEvent;

    /// <summary>Asks for an event of one resource.</summary>
    DistributedApplicationEventSubscription Subscribe<T>(IResource resource, Func<T, CancellationToken, Task> callback)
        where T : IDistributedApplicationResourceEvent;

    /// <summary>Asks no more.</summary>
    void Unsubscribe(DistributedApplicationEventSubscription subscription);

    /// <summary>Tells the subscribers one after the other and waits for them.</summary>
    Task PublishAsync<T>(T @event, CancellationToken cancellationToken = default)
        where T : IDistributedApplicationEvent;

    /// <summary>Tells the subscribers.</summary>
    Task PublishAsync<T>(T @event, EventDispatchBehavior dispatchBehavior, CancellationToken cancellationToken = default)
        where T : IDistributedApplicationEvent;
}

/// <inheritdoc/>
public class DistributedApplicationEventing : IDistributedApplicationEventing
{
    private readonly Lock _gate = new();
    private ImmutableList<(Type Event, DistributedApplicationEventSubscription Subscription)> _subscriptions = [];

    /// <inheritdoc/>
    public DistributedApplicationEventSubscription Subscribe<T>(Func<T, CancellationToken, Task> callback)
        where T : IDistributedApplicationEvent =>
        Add<T>(new((@event, cancellation) => callback((T)@event, cancellation)));

    /// <inheritdoc/>
    public DistributedApplicationEventSubscription Subscribe<T>(IResource resource, Func<T, CancellationToken, Task> callback)
        where T : IDistributedApplicationResourceEvent =>
        Add<T>(new DistributedApplicationResourceEventSubscription(
            resource,
            (@event, cancellation) => resource == @event.Resource ? callback((T)@event, cancellation) : Task.CompletedTask));

    /// <inheritdoc/>
    public void Unsubscribe(DistributedApplicationEventSubscription subscription)
    {
        lock (_gate)
        {
            _subscriptions = _subscriptions.RemoveAll(entry => entry.Subscription == subscription);
        }
    }

    /// <inheritdoc/>
    public Task PublishAsync<T>(T @event, CancellationToken cancellationToken = default)
        where T : IDistributedApplicationEvent =>
        PublishAsync(@event, EventDispatchBehavior.BlockingSequential, cancellationToken);

    /// <inheritdoc/>
    public Task PublishAsync<T>(T @event, EventDispatchBehavior dispatchBehavior, CancellationToken cancellationToken = default)
        where T : IDistributedApplicationEvent
    {
        var subscribers = _subscriptions.FindAll(entry => entry.Event == typeof(T));
        switch (dispatchBehavior)
        {
            case EventDispatchBehavior.BlockingSequential:
                return Sequentially();
            case EventDispatchBehavior.BlockingConcurrent:
                return Concurrently();
            case EventDispatchBehavior.NonBlockingSequential:
                _ = Task.Run(Sequentially, CancellationToken.None);
                return Task.CompletedTask;
            default:
                _ = Task.Run(Concurrently, CancellationToken.None);
                return Task.CompletedTask;
        }

        async Task Sequentially()
        {
            foreach (var (_, subscription) in subscribers)
            {
                await subscription.Callback(@event, cancellationToken);
            }
        }

        Task Concurrently() => Task.WhenAll(subscribers.Select(entry => entry.Subscription.Callback(@event, cancellationToken)));
    }

    private DistributedApplicationEventSubscription Add<T>(DistributedApplicationEventSubscription subscription)
    {
        lock (_gate)
        {
            _subscriptions = _subscriptions.Add((typeof(T), subscription));
        }

        return subscription;
    }
}
