using LogPartitioning.Consumer.Assignment;
using LogPartitioning.Core.Lag;

namespace LogPartitioning.Consumer.Membership;

/// <summary>Looks at the settled group from time to time and lets a worker hand its partitions back where <see cref="InstanceBalance"/> asks for it.</summary>
internal sealed class InstanceBalancer(
    IGroupOffsetsSource group,
    ConsumerInstance instance,
    ConsumerOptions options,
    TimeProvider time,
    ILogger<InstanceBalancer> log) : StopsBeforeHttpService
{
    /// <summary>Where more partitions than workers cannot be dealt evenly, handing back would never end.</summary>
    private const int MostAttempts = 5;

    private string _members = "";
    private string _settled = "";
    private int _attempts;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await instance.Ready.WaitAsync(stoppingToken);
            while (true)
            {
                await Task.Delay(options.BalanceInterval, time, stoppingToken);
                await CheckAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task CheckAsync(CancellationToken cancellationToken)
    {
        GroupOffsets offsets;
        try
        {
            offsets = await group.ReadAsync(cancellationToken);
        }
        catch (GroupOffsetsException)
        {
            return; // The lag monitor says so; balance can wait.
        }

        var members = string.Join(' ', offsets.Members.Select(m => m.ClientId));
        if (members != _members)
        {
            // A worker that hands back is away for a moment; only a member that was not there before makes it another group.
            _attempts = members.Split(' ').Except(_members.Split(' ')).Except(OwnMembers).Any() ? 0 : _attempts;
            _members = members;
        }

        // Twice the same: no rebalance is on its way.
        var assignment = string.Join(' ', offsets.Partitions.Select(p => p.Owner));
        var isSettled = assignment == _settled;
        _settled = assignment;
        if (!isSettled || _attempts >= MostAttempts || InstanceBalance.WorkerToHandBack(offsets, options.Instance) is not { } worker)
        {
            return;
        }

        _attempts++;
        _settled = "";
        log.HandsBack(options.Instance, worker);
        instance.Workers[worker].HandBack();
    }

    private IEnumerable<string> OwnMembers => instance.Workers.Select(w => w.Name);
}
