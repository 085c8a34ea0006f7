using System.Security.Claims;
using LogPartitioning.Gateway.Console;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace LogPartitioning.Tests.Gateway.Console;

public sealed class PageContextTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 22, 7, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_change_of_the_address_keeps_the_rest_of_it_and_drops_what_is_empty()
    {
        var page = Page("/partitions", "?metric=rate&sort=lag&empty=");

        Assert.Equal("/partitions?metric=rate&sort=in%26out", page.With(("sort", "in&out")));
        Assert.Equal("/partitions?sort=lag", page.With(("metric", null)));
        Assert.Null(page.Text("empty"));
        Assert.Equal("/live/partitions?metric=rate&sort=lag&empty=", page.LiveAddress("partitions"));
    }

    [Fact]
    public void A_search_is_of_the_last_hour_unless_its_address_says_another_time()
    {
        var last = LogSearch.Of(Page("/logs", "?minLevel=warn&source=a&contains="), s_now);
        Assert.Empty(last.Problems);
        Assert.Equal((s_now.AddHours(-1), s_now), (last.From, last.To));
        Assert.Equal(("a", null, null), (last.Filter!.Source, last.Filter.Contains, last.Filter.To));
        Assert.Equal("?minLevel=warn&source=a&from=2026-11-22T06%3A00%3A00Z&order=newest", last.ApiQuery);

        Assert.Equal(s_now.AddDays(-7), LogSearch.Of(Page("/logs", "?last=7d"), s_now).From);
        Assert.Equal(s_now.AddHours(-1), LogSearch.Of(Page("/logs", "?last=forever"), s_now).From);

        var given = LogSearch.Of(Page("/logs", "?last=7d&from=2026-11-20T00:00:00Z&to=2026-11-21T00:00:00Z"), s_now);
        Assert.Equal((s_now.Date.AddDays(-2), s_now.Date.AddDays(-1)), (given.From.UtcDateTime, given.To.UtcDateTime));
    }

    [Fact]
    public void What_is_wrong_with_a_search_is_told_by_its_parameters()
    {
        var search = LogSearch.Of(Page("/logs", "?from=yesterday&minLevel=loud"), s_now);

        Assert.Null(search.Filter);
        Assert.Equal(["from", "minLevel"], search.Problems.Keys.Order());
    }

    private static PageContext Page(string path, string query) => new(path, new QueryCollection(QueryHelpers.ParseQuery(query)), new ClaimsPrincipal());
}
