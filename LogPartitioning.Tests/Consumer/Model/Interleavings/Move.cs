namespace LogPartitioning.Tests.Consumer.Model.Interleavings;

/// <summary>One thing that can happen next.</summary>
/// <param name="Kind">What.</param>
/// <param name="Worker">To which worker, where it happens to one.</param>
/// <param name="Partition">To which partition, where it happens to one.</param>
internal readonly record struct Move(MoveKind Kind, int Worker, int Partition)
{
    public static Move Any(Random random, int workers, int partitions) =>
        new(s_kinds[random.Next(s_kinds.Length)], random.Next(workers), random.Next(partitions));

    // What happens most is there more than once.
    private static readonly MoveKind[] s_kinds =
    [
        .. Enum.GetValues<MoveKind>(),
        .. Enumerable.Repeat(MoveKind.Assign, 3),
        .. Enumerable.Repeat(MoveKind.Poll, 8),
        .. Enumerable.Repeat(MoveKind.Continue, 6),
        .. Enumerable.Repeat(MoveKind.Apply, 4),
        .. Enumerable.Repeat(MoveKind.Answer, 4),
        MoveKind.Commit,
        MoveKind.Wait,
    ];

    public override string ToString() => Kind switch
    {
        MoveKind.Late or MoveKind.Replace or MoveKind.Notice or MoveKind.Wait => $"{Kind}",
        MoveKind.Expire or MoveKind.Stranger or MoveKind.Decide => $"{Kind} p{Partition}",
        MoveKind.Assign or MoveKind.Revoke or MoveKind.Hear => $"{Kind} w{Worker} p{Partition}",
        _ => $"{Kind} w{Worker}",
    };
}

/// <summary>What can happen.</summary>
internal enum MoveKind
{
    /// <summary>The group gives a worker a partition that nobody has.</summary>
    Assign,

    /// <summary>A turn of a worker's poll loop, with one record of each of its partitions.</summary>
    Poll,

    /// <summary>A worker's tasks go on to their next wait.</summary>
    Continue,

    /// <summary>The store does a write that it was sent.</summary>
    Apply,

    /// <summary>The store's answer about a write comes.</summary>
    Answer,

    /// <summary>The connection breaks under a write, whether it was done or not.</summary>
    Cut,

    /// <summary>A write under which the connection broke is done after all.</summary>
    Late,

    /// <summary>A worker commits what it has noted.</summary>
    Commit,

    /// <summary>The group asks a worker for a partition, which begins to drain.</summary>
    Revoke,

    /// <summary>The worker lets it go, with all of it stored or not.</summary>
    Release,

    /// <summary>The group takes a partition away without a word.</summary>
    Expire,

    /// <summary>A worker hears of that.</summary>
    Hear,

    /// <summary>A worker leaves in good order, and another one comes.</summary>
    Stop,

    /// <summary>A worker is killed, and another one comes.</summary>
    Kill,

    /// <summary>A worker's next claim fails.</summary>
    RefuseClaim,

    /// <summary>Somebody without right claims a partition.</summary>
    Stranger,

    /// <summary>The topic is deleted and created again; once.</summary>
    Replace,

    /// <summary>The workers see the topic's new id.</summary>
    Notice,

    /// <summary>An operator decides about a halted partition.</summary>
    Decide,

    /// <summary>So much time goes by that every wait is over.</summary>
    Wait,
}
