using LogPartitioning.Core.GroupState;
using LogPartitioning.Core.Lag;

namespace LogPartitioning.Gateway.Group;

/// <summary>
/// Tells a group that nobody publishes because nobody runs from one whose instances do not get their states to Redis: the
/// brokers still name its members. Not safe for use from several threads.
/// </summary>
internal sealed class SilentInstances
{
    /// <summary>Since when no instance is seen; the beginning of time where none ever was.</summary>
    private DateTimeOffset? _since = DateTimeOffset.MinValue;

    /// <summary>The view as it is; not live where the brokers, asked after the last state ran out, name members of ours.</summary>
    public GroupView Judge(GroupView view, LagReport? report, DateTimeOffset now)
    {
        if (view.Instances.Count > 0)
        {
            _since = null;
            return view;
        }

        if (!view.Live)
        {
            return view;
        }

        _since ??= now;
        var members = report is not null && report.At > _since
            ? report.Offsets.Members.Count(member => WorkerClientId.IsWorker(member.ClientId))
            : 0;
        return members == 0
            ? view
            : new(false, FormattableString.Invariant($"no instance publishes its state to Redis, though the brokers count {members} of their workers as members of the group: they do not get it there, or have just died"), []);
    }
}
