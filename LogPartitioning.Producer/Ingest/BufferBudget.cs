using Microsoft.Extensions.Options;

namespace LogPartitioning.Producer.Ingest;

/// <summary>The bytes that all requests together may hold. A request reserves as its body arrives, so what counts is what
/// was received, not what was announced.</summary>
internal sealed class BufferBudget(IOptions<ProducerOptions> options)
{
    private long _left = options.Value.MaxBufferedBytes;

    /// <summary>A reservation of nothing yet, to be disposed of when the request is answered.</summary>
    public Reservation Open() => new(this);

    private bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _left, -bytes) >= 0)
        {
            return true;
        }

        Interlocked.Add(ref _left, bytes);
        return false;
    }

    internal sealed class Reservation(BufferBudget budget) : IDisposable
    {
        private long _held;

        /// <summary>Raises the reservation to <paramref name="bytes"/>.</summary>
        /// <exception cref="RequestRefusedException">503: there is not so much left.</exception>
        public void Hold(long bytes)
        {
            var more = bytes - _held;
            if (more <= 0)
            {
                return;
            }

            if (!budget.TryTake(more))
            {
                throw RequestRefusedException.Overloaded("The requests at work hold as much memory as they may.");
            }

            _held = bytes;
        }

        public void Dispose()
        {
            Interlocked.Add(ref budget._left, _held);
            _held = 0;
        }
    }
}
