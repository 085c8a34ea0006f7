namespace LogPartitioning.LoadTest.Replay;

/// <summary>Lines that cannot be an event: how many, and the first of them by file, number and reason.</summary>
internal sealed class UnsentLines
{
    private const int MaxExamples = 20;

    private readonly Lock _lock = new();
    private readonly List<string> _examples = [];
    private long _count;

    public long Count
    {
        get
        {
            lock (_lock)
            {
                return _count;
            }
        }
    }

    public IReadOnlyList<string> Examples
    {
        get
        {
            lock (_lock)
            {
                return [.. _examples];
            }
        }
    }

    public void Add(string file, long number, string reason)
    {
        lock (_lock)
        {
            if (++_count <= MaxExamples)
            {
                _examples.Add($"{file}, line {number}: {reason}");
            }
        }
    }
}
