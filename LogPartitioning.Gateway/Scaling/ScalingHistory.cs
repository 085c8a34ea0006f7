namespace LogPartitioning.Gateway.Scaling;

/// <summary>The last changes of advice. Safe for use from several threads.</summary>
internal sealed class ScalingHistory
{
    /// <summary>How many changes are kept.</summary>
    public const int Capacity = 100;

    private readonly Lock _lock = new();
    private readonly LinkedList<ScalingChange> _changes = [];
    private int? _desired;

    /// <summary>The changes, newest first.</summary>
    public IReadOnlyList<ScalingChange> Changes
    {
        get
        {
            lock (_lock)
            {
                return [.. _changes];
            }
        }
    }

    /// <summary>Records an advice if it differs from the one before.</summary>
    /// <returns>The change, or null when there is none.</returns>
    public ScalingChange? Record(ScalingAdvice advice)
    {
        ArgumentNullException.ThrowIfNull(advice);
        lock (_lock)
        {
            if (_desired == advice.Desired)
            {
                return null;
            }

            var change = new ScalingChange(advice.At, _desired, advice.Desired, advice.Current, advice.TotalLag, advice.Reasons);
            _desired = advice.Desired;
            _changes.AddFirst(change);
            if (_changes.Count > Capacity)
            {
                _changes.RemoveLast();
            }

            return change;
        }
    }
}
