namespace LogPartitioning.LoadTest.Sending;

/// <summary>
/// A stream of events that is sent with one request in flight, so that the client's order of each of its sources is
/// defined. A source belongs to one lane.
/// </summary>
internal interface IEventLane : IDisposable
{
    /// <summary>Events of this lane per second, 0 for as fast as they are acknowledged.</summary>
    double Rate { get; }

    /// <summary>
    /// Appends up to <paramref name="most"/> events; fewer where the batch would grow past
    /// <see cref="EventBatch.MaxMessageBytes"/>. Appending none means that the lane has ended.
    /// </summary>
    ValueTask FillAsync(EventBatch batch, int most, CancellationToken cancellationToken);
}
