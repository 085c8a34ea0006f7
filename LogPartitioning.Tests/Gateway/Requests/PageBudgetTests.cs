using LogPartitioning.Gateway.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace LogPartitioning.Tests.Gateway.Requests;

public sealed class PageBudgetTests
{
    private const int Page = PageBudget.TotalBytes / 4;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Pages_are_read_at_once_as_far_as_they_fit_and_wait_beyond_that()
    {
        var budget = new PageBudget();
        var places = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => budget.ReserveAsync(new DefaultHttpContext(), Page, CancellationToken.None)));

        var waiting = budget.ReserveAsync(new DefaultHttpContext(), Page, CancellationToken.None);
        Assert.False(waiting.IsCompleted);
        // A page that turned out small leaves room for others while its client still takes it.
        places[0].Hold(1000);
        places[1].Hold(1000);
        places[2].Hold(Page);
        (await waiting.WaitAsync(Patience)).Dispose();

        foreach (var place in places)
        {
            place.Dispose();
        }
        (await budget.ReserveAsync(new DefaultHttpContext(), PageBudget.TotalBytes, CancellationToken.None).WaitAsync(Patience)).Dispose();
    }

    [Fact]
    public async Task Too_many_that_wait_are_told_at_once_and_one_that_goes_away_gives_its_place_back()
    {
        var budget = new PageBudget();
        var all = await budget.ReserveAsync(new DefaultHttpContext(), PageBudget.TotalBytes, CancellationToken.None);
        using var going = new CancellationTokenSource();
        var waiting = Enumerable.Range(0, 64 * 4).Select(i => budget.ReserveAsync(new DefaultHttpContext(), Page, i == 0 ? going.Token : CancellationToken.None)).ToList();

        await Assert.ThrowsAsync<BusyException>(() => budget.ReserveAsync(new DefaultHttpContext(), Page, CancellationToken.None));
        await going.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting[0]);
        waiting.Add(budget.ReserveAsync(new DefaultHttpContext(), Page, CancellationToken.None));
        Assert.All(waiting[1..], place => Assert.False(place.IsCompleted));
        all.Dispose();
        foreach (var place in waiting[1..])
        {
            (await place.WaitAsync(Patience)).Dispose();
        }
    }

    [Fact]
    public async Task A_client_that_does_not_take_its_page_loses_its_connection()
    {
        var budget = new PageBudget { TakingTime = TimeSpan.FromMilliseconds(50) };
        var lifetime = new Lifetime();
        var context = new DefaultHttpContext();
        context.Features.Set<IHttpRequestLifetimeFeature>(lifetime);

        using var place = await budget.ReserveAsync(context, Page, CancellationToken.None);
        place.Hold(1000);

        await lifetime.Aborted.Task.WaitAsync(Patience);
    }

    private sealed class Lifetime : IHttpRequestLifetimeFeature
    {
        public TaskCompletionSource Aborted { get; } = new();

        public CancellationToken RequestAborted { get; set; }

        public void Abort() => Aborted.TrySetResult();
    }
}
