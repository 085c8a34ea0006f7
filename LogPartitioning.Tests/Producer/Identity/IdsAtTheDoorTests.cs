using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace LogPartitioning.Tests.Producer.Identity;

/// <summary>Ids that come again at one producer, which has no database to ask.</summary>
public sealed class IdsAtTheDoorTests(ProducerFixture producer) : IClassFixture<ProducerFixture>
{
    [Theory]
    [InlineData("", "")]
    [InlineData(""","timestamp":"{day}T00:00:00Z","attributes":{"a":1,"b":"x"}""", ""","attributes":{"b":"x","a":1},"timestamp":"{day}T00:00:00.000Z" """)]
    public async Task The_same_event_again_is_answered_as_the_first_time_and_says_so(string rest, string restAgain)
    {
        var id = Guid.CreateVersion7();
        var (_, first) = await PostAsync(Event(id, "retry", "m", Dated(rest)));
        var (status, again) = await PostAsync(Event(id, "retry", "m", Dated(restAgain)));

        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.True(again.GetProperty("duplicate").GetBoolean());
        Assert.False(first.TryGetProperty("duplicate", out _));
        foreach (var field in new[] { "id", "source", "key", "partition", "offset" })
        {
            Assert.Equal(first.GetProperty(field).ToString(), again.GetProperty(field).ToString());
        }
    }

    [Theory]
    [InlineData("taken", "other", "", "was used before by an event with other content")]
    [InlineData("taken", "m", ""","level":"error" """, "was used before by an event with other content")]
    [InlineData("taken", "m", ""","timestamp":"{day}T00:00:00Z" """, "was used before by an event with other content")]
    [InlineData("another", "m", "", "was used before by an event of another source")]
    public async Task Another_event_with_the_id_is_a_conflict_that_says_why(string source, string message, string rest, string rule)
    {
        var id = Guid.CreateVersion7();
        await PostAsync(Event(id, "taken", "m"));

        var (status, problem) = await PostAsync(Event(id, source, message, Dated(rest)));

        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Equal(rule, problem.GetProperty("errors").GetProperty("id")[0].GetString());
        Assert.Equal($"id {rule}, which stands. Send this one with an id of its own, or with none.", problem.GetProperty("detail").GetString());
        Assert.Equal(id, problem.GetProperty("id").GetGuid());
    }

    /// <summary>With a day that the door takes.</summary>
    private static string Dated(string json) => json.Replace("{day}", DateTime.UtcNow.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);

    [Fact]
    public async Task Among_many_each_event_has_its_own_outcome()
    {
        var (old, once, twice) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        var (_, first) = await PostAsync(Event(old, "many", "old"));

        var (status, answer) = await PostAsync(
            $"[{Event(once, "many", "1")},{Event(old, "many", "old")},{Event(twice, "many", "2")},{Event(twice, "many", "2")},{Event(twice, "many", "3")},{Event(old, "many", "new")}]");

        Assert.Equal((HttpStatusCode.Accepted, 4, 2), (status, answer.GetProperty("accepted").GetInt32(), answer.GetProperty("rejected").GetInt32()));
        var results = answer.GetProperty("results").EnumerateArray().ToList();
        Assert.Equal(["accepted", "accepted", "accepted", "accepted", "rejected", "rejected"], results.Select(result => result.GetProperty("status").GetString()));
        Assert.Equal([1, 3], results.Where(result => result.TryGetProperty("duplicate", out var duplicate) && duplicate.GetBoolean()).Select(result => result.GetProperty("index").GetInt32()));
        Assert.Equal(first.GetProperty("offset").GetInt64(), results[1].GetProperty("offset").GetInt64());
        Assert.Equal(results[2].GetProperty("offset").GetInt64(), results[3].GetProperty("offset").GetInt64());
        Assert.Equal(results[0].GetProperty("offset").GetInt64() + 1, results[2].GetProperty("offset").GetInt64());
        Assert.All(results[4..], result =>
        {
            Assert.Equal("id was used before by an event with other content", result.GetProperty("error").GetString());
            Assert.False(result.GetProperty("retry").GetBoolean());
        });
    }

    [Fact]
    public async Task Retries_and_conflicts_are_counted()
    {
        var id = Guid.CreateVersion7();
        await PostAsync(Event(id, "counted", "m"));
        await PostAsync(Event(id, "counted", "m"));
        await PostAsync(Event(id, "counted", "other"));

        var metrics = await producer.Client.GetStringAsync("/metrics");
        Assert.Matches("""log_events_duplicate_total\{\} [1-9]""", metrics);
        Assert.Matches("""log_events_rejected_total\{reason="id_conflict"\} [1-9]""", metrics);
    }

    [Fact]
    public async Task Ids_that_the_server_gives_are_never_the_same()
    {
        var (_, answer) = await PostAsync($"[{string.Join(',', Enumerable.Repeat("""{"source":"given","message":"m"}""", 10_000))}]");

        var results = answer.GetProperty("results").EnumerateArray().ToList();
        Assert.Equal(10_000, results.Select(result => result.GetProperty("id").GetGuid()).Distinct().Count());
        Assert.DoesNotContain(results, result => result.TryGetProperty("duplicate", out _));
    }

    [Fact]
    public async Task Of_two_that_come_at_once_with_one_id_at_most_one_is_accepted_under_its_content()
    {
        for (var round = 0; round < 20; round++)
        {
            var id = Guid.CreateVersion7();
            var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(n => PostAsync(Event(id, "race", $"{n}"))));
            Assert.Equal([HttpStatusCode.Accepted, HttpStatusCode.Conflict, HttpStatusCode.Conflict, HttpStatusCode.Conflict], answers.Select(answer => answer.Status).Order());
        }
    }

    private static string Event(Guid id, string source, string message, string rest = "") => $$"""{"id":"{{id}}","source":"{{source}}","message":"{{message}}"{{rest}}}""";

    private async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, MediaTypeHeaderValue.Parse("application/json"));
        using var response = await producer.Client.PostAsync(new Uri("/api/logs", UriKind.Relative), content);
        return (response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>());
    }
}
