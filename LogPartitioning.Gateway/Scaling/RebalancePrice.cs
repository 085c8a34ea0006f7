using LogPartitioning.Core.GroupState;

namespace LogPartitioning.Gateway.Scaling;

/// <summary>What following the advice would cost at once: a rebalance, judged by those that were.</summary>
/// <param name="Partitions">Partitions that would change hands. Assignment is sticky: each member that comes takes its fair share, each that goes leaves what it had.</param>
/// <param name="PauseMs">How long nothing would be stored of one of them: the median of the pauses of partitions that one member handed to another; null when none was measured.</param>
/// <param name="LongestPauseMs">The longest of these.</param>
/// <param name="MeasuredPauses">How many pauses that is known from.</param>
/// <param name="Text">The same in words.</param>
internal sealed record RebalancePrice(int Partitions, double? PauseMs, double? LongestPauseMs, int MeasuredPauses, string Text)
{
    // Within it, what one member gives up and another gains is one rebalance; their clocks may differ.
    private static readonly TimeSpan s_atOnce = TimeSpan.FromMinutes(1);

    /// <summary>The price of going from the members that are there to those advised; with as many, of one more instance.</summary>
    public static RebalancePrice Of(ScalingAdvice advice, int partitions, IReadOnlyList<RebalanceEvent> rebalances)
    {
        var moves = advice.Desired != advice.Current;
        var target = moves ? advice.DesiredInstances * advice.WorkersPerInstance : advice.Current + advice.WorkersPerInstance;
        var moved = Moved(partitions, advice.Current, target);
        var pauses = rebalances
            .SelectMany(rebalance => rebalance.Pauses.Where(pause => rebalance.Gained.Contains(pause.Partition) && IsHandOver(pause, rebalance, rebalances)))
            .Select(pause => pause.Ms)
            .Order()
            .ToList();
        double? median = pauses.Count > 0 ? pauses[pauses.Count / 2] : null;
        double? longest = pauses.Count > 0 ? pauses[^1] : null;
        var step = moves ? $"Going from {advice.Current} to {target} consumers" : $"One more instance ({advice.WorkersPerInstance} consumers)";
        return new(
            moved,
            median,
            longest,
            pauses.Count,
            FormattableString.Invariant($"{step} would move {moved} of {partitions} partitions; ") + (median is not { } usual
                ? "no pause of a moved partition has been measured yet."
                : FormattableString.Invariant($"each would pause for about {Words(usual)}, at worst {Words(pauses[^1])}, by {pauses.Count} measured {(pauses.Count == 1 ? "pause" : "pauses")}. The others go on.")));
    }

    /// <summary>
    /// Whether another member handed the partition over, as when the group is scaled. After a crash it waited for the session to end; and an instance that starts
    /// takes what nobody had where the whole group was stopped before.
    /// </summary>
    private static bool IsHandOver(PartitionPause pause, RebalanceEvent rebalance, IReadOnlyList<RebalanceEvent> rebalances) => rebalances.Any(other =>
        (other.Cause is RebalanceCause.Join or RebalanceCause.Balance || (other.Cause == RebalanceCause.Shutdown && rebalance.Cause != RebalanceCause.First))
        && other.GivenUp.Contains(pause.Partition)
        && (rebalance.At - other.At).Duration() < s_atOnce);

    private static string Words(double ms) => ms < 1000 ? FormattableString.Invariant($"{ms:0} ms") : FormattableString.Invariant($"{ms / 1000:0.#} s");

    /// <summary>How many partitions move when members come or go, dealt evenly before and after.</summary>
    internal static int Moved(int partitions, int from, int to)
    {
        if (partitions <= 0 || from == to)
        {
            return 0;
        }

        if (from <= 0 || to <= 0)
        {
            return partitions;
        }

        // Those that stay keep what is not above their new share; more members than partitions have none.
        var (fewer, more) = (Math.Min(Math.Min(from, to), partitions), Math.Min(Math.Max(from, to), partitions));
        var kept = Enumerable.Range(0, fewer).Sum(member => Math.Min(ShareOf(member, fewer), ShareOf(member, more)));
        return partitions - kept;

        int ShareOf(int member, int members) => (partitions / members) + (member < partitions % members ? 1 : 0);
    }
}
