using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;

namespace LogPartitioning.Producer.Ingest;

/// <summary>Bounds the requests whose body is here: so many at work, so many waiting, the others refused at once.</summary>
internal sealed class ConcurrentRequests(IOptions<ProducerOptions> options) : IDisposable
{
    private readonly ConcurrencyLimiter _limiter = new(new()
    {
        PermitLimit = options.Value.MaxConcurrentRequests,
        QueueLimit = options.Value.MaxWaitingRequests,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    /// <summary>Waits for a turn, which lasts until what is returned is disposed of.</summary>
    /// <exception cref="RequestRefusedException">503: too many wait already.</exception>
    public async ValueTask<IDisposable> WaitAsync(CancellationToken cancellationToken)
    {
        var lease = await _limiter.AcquireAsync(1, cancellationToken);
        if (lease.IsAcquired)
        {
            return lease;
        }

        lease.Dispose();
        throw RequestRefusedException.Overloaded("Too many requests are waiting for their turn.");
    }

    public void Dispose() => _limiter.Dispose();
}
