namespace LogPartitioning.Gateway.Scaling;

/// <summary>
/// The highest recommendation of a sliding window: what the horizontal pod autoscaler's stabilisation of scaling in comes to.
/// Holds only recommendations that can still be the highest, so it stays small whatever the window and the interval.
/// </summary>
internal sealed class RecommendationWindow(TimeSpan length)
{
    private readonly LinkedList<(DateTimeOffset At, int Consumers)> _falling = [];

    /// <summary>Adds a recommendation, and gives the highest that is not older than the window, with its time.</summary>
    public (DateTimeOffset At, int Consumers) Add(DateTimeOffset at, int consumers)
    {
        while (_falling.Last is { } last && last.Value.Consumers <= consumers)
        {
            _falling.RemoveLast();
        }

        _falling.AddLast((at, consumers));
        while (_falling.First!.Value.At < at - length)
        {
            _falling.RemoveFirst();
        }

        return _falling.First.Value;
    }
}
