using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Replay;
using LogPartitioning.Tests.Servers;

namespace LogPartitioning.Tests.Core.Replay;

/// <summary>Who may do a replay, and what is known of it, over gateways and instances that share nothing but the database.</summary>
[Collection(PostgresTests.Name)]
public sealed class ReplayJobsTests(PostgresServer server) : DatabaseTest(server)
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan NoLease = TimeSpan.FromSeconds(-1);

    private ReplayJobs _jobs = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        _jobs = new(Database);
    }

    [PostgresFact]
    public async Task While_a_replay_runs_no_other_starts_and_when_it_has_ended_one_may_at_once()
    {
        var first = await AddedAsync();
        Assert.False(await _jobs.TryAddAsync(Job(), CancellationToken.None));

        await TakenAsync("one", Lease);
        await _jobs.EndAsync(first.Id, "one", ReplayState.Completed, null, CancellationToken.None);

        await AddedAsync();
        var ended = await _jobs.FindAsync(first.Id, CancellationToken.None);
        Assert.Equal(ReplayState.Completed, ended!.State);
        Assert.NotNull(ended.EndedAt);
    }

    [PostgresFact]
    public async Task A_job_whose_holder_lives_is_taken_by_nobody_else()
    {
        await AddedAsync();
        await TakenAsync("one", Lease);

        Assert.Null(await _jobs.TryTakeAsync("topic", "two", Lease, CancellationToken.None));
        Assert.Null(await _jobs.TryTakeAsync("another topic", "two", Lease, CancellationToken.None));
    }

    [PostgresFact]
    public async Task When_the_lease_has_run_out_another_goes_on_and_the_first_can_store_nothing_more()
    {
        var job = await AddedAsync();
        await TakenAsync("one", NoLease);
        await SaveAsync(job.Id, "one", job.Progress with { Records = 7 });

        var taken = await TakenAsync("two", Lease);

        Assert.Equal(7, taken.Progress.Records);
        Assert.False(await SaveAsync(job.Id, "one", job.Progress with { Records = 8 }));
        Assert.Null(await _jobs.RenewAsync(job.Id, "one", Lease, CancellationToken.None));
        await _jobs.EndAsync(job.Id, "one", ReplayState.Failed, "not mine any more", CancellationToken.None);
        var now = await _jobs.FindAsync(job.Id, CancellationToken.None);
        Assert.Equal((ReplayState.Running, 7), (now!.State, now.Progress.Records));
    }

    [PostgresFact]
    public async Task What_an_instance_leaves_is_taken_at_once()
    {
        var job = await AddedAsync();
        await TakenAsync("one", Lease);

        await _jobs.ReleaseAsync(job.Id, "one", CancellationToken.None);

        await TakenAsync("two", Lease);
    }

    [PostgresFact]
    public async Task A_cancelled_job_ends_at_once_where_nobody_has_it_and_else_its_holder_is_told()
    {
        var waiting = await AddedAsync();
        Assert.Equal(ReplayState.Cancelled, (await _jobs.CancelAsync(waiting.Id, CancellationToken.None))!.State);

        var held = await AddedAsync();
        await TakenAsync("one", Lease);
        Assert.False(await _jobs.RenewAsync(held.Id, "one", Lease, CancellationToken.None));
        Assert.Equal(ReplayState.Running, (await _jobs.CancelAsync(held.Id, CancellationToken.None))!.State);
        Assert.True(await _jobs.RenewAsync(held.Id, "one", Lease, CancellationToken.None));

        await _jobs.EndAsync(held.Id, "one", ReplayState.Cancelled, null, CancellationToken.None);
        Assert.Equal(ReplayState.Cancelled, (await _jobs.CancelAsync(held.Id, CancellationToken.None))!.State);
        Assert.Null(await _jobs.CancelAsync(Guid.NewGuid(), CancellationToken.None));
    }

    [PostgresFact]
    public async Task The_last_twenty_are_kept_newest_first()
    {
        var added = new List<Guid>();
        for (var i = 0; i < ReplayJobs.Kept + 3; i++)
        {
            var job = await AddedAsync();
            added.Insert(0, job.Id);
            await _jobs.CancelAsync(job.Id, CancellationToken.None);
        }

        Assert.Equal(added.Take(ReplayJobs.Kept), (await _jobs.ListAsync(CancellationToken.None)).Select(job => job.Id));
        Assert.Null(await _jobs.FindAsync(added[^1], CancellationToken.None));
    }

    [PostgresFact]
    public async Task What_is_wrong_with_a_record_is_kept_even_with_a_character_that_theDatabase_refuses()
    {
        var job = await AddedAsync();
        await TakenAsync("one", Lease);
        var poison = new ReplayPoison(0, 3, "a \0 in it");

        Assert.True(await SaveAsync(job.Id, "one", job.Progress with { Poison = 1, FirstPoison = [poison] }));

        Assert.Equal([poison], (await _jobs.FindAsync(job.Id, CancellationToken.None))!.Progress.FirstPoison);
    }

    private async Task<ReplayJob> AddedAsync()
    {
        var job = Job();
        Assert.True(await _jobs.TryAddAsync(job, CancellationToken.None));
        return job;
    }

    private async Task<ReplayJob> TakenAsync(string owner, TimeSpan lease)
    {
        var taken = await _jobs.TryTakeAsync("topic", owner, lease, CancellationToken.None);
        Assert.NotNull(taken);
        return taken;
    }

    private async Task<bool> SaveAsync(Guid id, string owner, ReplayProgress progress)
    {
        await using var connection = await Database.OpenConnectionAsync();
        return await ReplayJobs.SaveAsync(connection, id, owner, progress, CancellationToken.None);
    }

    private static ReplayJob Job() => new(
        Guid.CreateVersion7(), "topic", "all", "0", ReplayState.Running, ReplayProgress.Start([new OffsetRange(0, 0, 10)]), null, DateTimeOffset.UtcNow, null);
}
