using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace LogPartitioning.ServiceDefaults.Requests;

/// <summary>
/// The bodies that are on their way. Sending slowly costs a client nothing, and the service a place for as long as it lasts; so
/// where places are short, the slowest gives up its own, and never the one that has just come.
/// </summary>
public sealed class ArrivingBodies : IDisposable
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private readonly HashSet<ArrivingBody> _bodies = [];
    private readonly int _limit;
    private readonly Timer _looks;

    /// <summary>None yet.</summary>
    public ArrivingBodies(IOptions<BodyLimits> limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        _limit = limits.Value.MaxArriving;
        _looks = new(static bodies => ((ArrivingBodies)bodies!).CutDown(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How many are on their way.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _bodies.Count;
            }
        }
    }

    /// <summary>Cuts off the slowest, if there is one that may be.</summary>
    /// <param name="but">The one that asks, which stays.</param>
    /// <returns>Whether one was cut off, and its room given back.</returns>
    public bool TryCutSlowest(ArrivingBody? but = null)
    {
        ArrivingBody? slowest;
        lock (_gate)
        {
            slowest = _bodies.Where(body => body != but && body.IsSlow).MinBy(body => body.BytesPerSecond);
            if (slowest is null)
            {
                return false;
            }

            _bodies.Remove(slowest);
        }

        return slowest.TryCutOff();
    }

    /// <summary>Takes a place for a body of which a part is still to come.</summary>
    /// <exception cref="BadHttpRequestException">503: there are twice as many as there may be, and none of them is slow.</exception>
    internal void Enter(ArrivingBody body)
    {
        int count;
        lock (_gate)
        {
            count = _bodies.Count;
            if (count < 2 * _limit)
            {
                _bodies.Add(body);
            }
        }

        if (count < _limit)
        {
            return;
        }

        if (!TryCutSlowest(body) && count >= 2 * _limit)
        {
            throw new BadHttpRequestException(
                string.Create(CultureInfo.InvariantCulture, $"As many bodies as may be at once are on their way: {count}."), StatusCodes.Status503ServiceUnavailable);
        }

        lock (_gate)
        {
            // Whether they are slow shows after a while, and by then there may be no place at which another could ask for theirs.
            _looks.Change(s_look, s_look);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _looks.Dispose();

    internal void Leave(ArrivingBody body)
    {
        lock (_gate)
        {
            _bodies.Remove(body);
        }
    }

    private void CutDown()
    {
        while (Count > _limit && TryCutSlowest())
        {
        }

        lock (_gate)
        {
            if (_bodies.Count <= _limit)
            {
                _looks.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }
    }
}
