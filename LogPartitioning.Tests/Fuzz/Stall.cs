using System.Globalization;

namespace LogPartitioning.Tests.Fuzz;

/// <summary>A request of which something was put off: not acknowledged in time, and to be sent again.</summary>
/// <param name="Request">Its number in the run.</param>
/// <param name="Sent">When it was sent.</param>
/// <param name="Answered">When it was answered.</param>
internal sealed record PutOff(int Request, DateTimeOffset Sent, DateTimeOffset Answered);

/// <summary>
/// The requests of a run that were put off, taken as one time in which records waited in vain to be acknowledged. To say so is an
/// honest answer, as long as it looks like that: this tells it from wrong answers with the same status.
/// </summary>
/// <param name="putOff">The requests that were put off.</param>
internal sealed class Stall(IEnumerable<PutOff> putOff)
{
    /// <summary>
    /// How long a stall may last. A follower that falls silent holds up every acknowledgement until its leader goes on without it:
    /// <c>replica.lag.time.max.ms</c> of 30 s, looked at every 15 s.
    /// </summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(45);

    /// <summary>A record waits for 8.5 s before it is given up. What is put off sooner was not put off by a stall.</summary>
    public static readonly TimeSpan LeastWait = TimeSpan.FromSeconds(8);

    /// <summary>The requests that were under way are answered, and the next ones sent, within this.</summary>
    private static readonly TimeSpan Apart = TimeSpan.FromSeconds(1);

    private readonly List<PutOff> _putOff = [.. putOff.OrderBy(p => p.Sent)];

    /// <summary>How many requests were put off.</summary>
    public int Requests => _putOff.Count;

    /// <summary>When the first of them was sent.</summary>
    public DateTimeOffset From => _putOff[0].Sent;

    /// <summary>When the last of them was answered.</summary>
    public DateTimeOffset To => _putOff.Max(p => p.Answered);

    /// <summary>Why this is no stall that may be; nothing where it is one, or nothing was put off.</summary>
    /// <param name="down">The brokers that were down meanwhile.</param>
    public IEnumerable<string> Problems(IReadOnlyCollection<string> down)
    {
        if (Requests == 0)
        {
            yield break;
        }

        if (_putOff.Where(p => p.Answered - p.Sent < LeastWait).ToList() is { Count: > 0 } early)
        {
            yield return Said($"{early.Count} requests were put off before their time, the first of them request {early[0].Request} after {(early[0].Answered - early[0].Sent).TotalSeconds:0.0} s");
        }

        var until = _putOff[0].Answered;
        foreach (var next in _putOff)
        {
            if (next.Sent > until + Apart)
            {
                yield return Said($"there was more than one stall: after the one that ended at {until:HH:mm:ss.f} another began at {next.Sent:HH:mm:ss.f} with request {next.Request}");
                break;
            }

            until = next.Answered > until ? next.Answered : until;
        }

        if (To - From > Longest)
        {
            yield return Said($"the stall lasted longer than {Longest.TotalSeconds:0} s");
        }

        if (down.Count > 0)
        {
            yield return $"this was no stall: {string.Join(", ", down)} went down";
        }
    }

    /// <summary>Its number, place and length.</summary>
    public override string ToString() => Requests == 0 ? "no request put off" : Said(
        $"{Requests} requests put off, {_putOff.Min(p => p.Request)} to {_putOff.Max(p => p.Request)}, within {(To - From).TotalSeconds:0.0} s from {From:HH:mm:ss.f}");

    private static string Said(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
