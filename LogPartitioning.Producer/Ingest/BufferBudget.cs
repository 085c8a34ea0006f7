using LogPartitioning.ServiceDefaults.Requests;
using Microsoft.Extensions.Options;

namespace LogPartitioning.Producer.Ingest;

/// <summary>
/// The bytes that all requests together may hold. A request reserves as its body arrives, so what counts is what was received, not
/// what was announced. Where there is not enough, the slowest of those that still arrive is cut off, and what it held is given back.
/// </summary>
internal sealed class BufferBudget(IOptions<ProducerOptions> options, ArrivingBodies bodies)
{
    private long _left = options.Value.MaxBufferedBytes;

    /// <summary>
    /// What is kept for bodies that are here as a whole, which most are from the first: they give it back soon. Beside it there is
    /// room for the largest.
    /// </summary>
    private readonly long _forWhole = Math.Clamp(options.Value.MaxBufferedBytes - IngestLimits.MaxBodyBytes, 0, options.Value.MaxBufferedBytes / 2);

    /// <summary>
    /// As much of a body may come before it counts as one that is on its way: an event by itself is here as soon as its head has been
    /// read, whether or not it came in one piece with it.
    /// </summary>
    private const long SmallBytes = 16 * 1024;

    private ArrivingBodies Bodies => bodies;

    /// <summary>A reservation of nothing yet, to be disposed of when the request is answered.</summary>
    /// <param name="body">The body that it is for; null where nobody can cut it off.</param>
    public Reservation Open(ArrivingBody? body = null)
    {
        var reservation = new Reservation(this, body);
        body?.OnCutOff(reservation.Dispose);
        return reservation;
    }

    private bool TryTake(long bytes, bool whole)
    {
        if (Interlocked.Add(ref _left, -bytes) >= (whole ? 0 : _forWhole))
        {
            return true;
        }

        Interlocked.Add(ref _left, bytes);
        return false;
    }

    internal sealed class Reservation(BufferBudget budget, ArrivingBody? body) : IDisposable
    {
        private readonly Lock _gate = new();
        private long _held;
        private bool _isOver;

        /// <summary>Raises the reservation to <paramref name="bytes"/>.</summary>
        /// <param name="bytes">What the request has by now.</param>
        /// <param name="whole">Whether that is all of it.</param>
        /// <exception cref="RequestRefusedException">503: there is not so much left.</exception>
        public void Hold(long bytes, bool whole)
        {
            while (!TryHold(bytes, whole))
            {
                // Not under the lock: the one that is cut off gives back its own.
                if (!budget.Bodies.TryCutSlowest(but: body))
                {
                    throw RequestRefusedException.Overloaded("The requests at work hold as much memory as they may.");
                }
            }
        }

        public void Dispose()
        {
            lock (_gate)
            {
                _isOver = true;
                Interlocked.Add(ref budget._left, _held);
                _held = 0;
            }
        }

        /// <summary>Of a request that was cut off nothing is held: its reader is about to learn of it.</summary>
        private bool TryHold(long bytes, bool whole)
        {
            lock (_gate)
            {
                var more = bytes - _held;
                if (more <= 0 || _isOver)
                {
                    return true;
                }

                if (!budget.TryTake(more, whole || bytes <= SmallBytes))
                {
                    return false;
                }

                _held = bytes;
                return true;
            }
        }
    }
}
