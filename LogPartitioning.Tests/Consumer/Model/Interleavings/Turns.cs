namespace LogPartitioning.Tests.Consumer.Model.Interleavings;

/// <summary>What a worker's tasks have left to do. Nothing of it is done before its turn, so whoever gives the turns decides the order.</summary>
internal sealed class Turns : SynchronizationContext
{
    private readonly Queue<(SendOrPostCallback Call, object? State)> _left = [];

    public override void Post(SendOrPostCallback d, object? state) => _left.Enqueue((d, state));

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException();

    /// <summary>Does something as one of the worker's own threads would; what it awaits goes on in a later turn.</summary>
    public void Do(Action call)
    {
        var before = Current;
        SetSynchronizationContext(this);
        try
        {
            call();
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    /// <summary>Does the next piece.</summary>
    /// <returns>False when there is none.</returns>
    public bool Next()
    {
        if (!_left.TryDequeue(out var next))
        {
            return false;
        }

        Do(() => next.Call(next.State));
        return true;
    }
}
