namespace LogPartitioning.AppHost.Restarts;

/// <summary>How long to wait before a service that exited is started again: 1 s, 2 s, 4 s … up to 30 s.</summary>
internal sealed class RestartBackoff
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>After a run of this length the delays start over.</summary>
    internal static readonly TimeSpan ResetAfter = TimeSpan.FromMinutes(1);

    private TimeSpan _next = First;

    /// <summary>The delay after an exit.</summary>
    /// <param name="ran">How long the service had run.</param>
    public TimeSpan Next(TimeSpan ran)
    {
        var delay = ran >= ResetAfter ? First : _next;
        _next = delay * 2 < Longest ? delay * 2 : Longest;
        return delay;
    }
}
