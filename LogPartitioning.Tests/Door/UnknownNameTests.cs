using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using LogPartitioning.Core;
using LogPartitioning.Tests.Contract;
using LogPartitioning.Tests.Gateway;
using LogPartitioning.Tests.Producer;

namespace LogPartitioning.Tests.Door;

/// <summary>
/// A parameter or a field that is not known is refused, with its name and the nearest one that is: by every operation of every
/// service, as its own document tells them.
/// </summary>
[Trait("Category", "Slow")]
public sealed class UnknownNameTests(ProducerFixture producer) : IClassFixture<ProducerFixture>
{
    /// <summary>What is posted without saying anything further.</summary>
    private const string WithoutBody = "/api/retention";

    [Fact]
    public Task The_producer_refuses_what_its_document_does_not_name() => RefusesUnknownNamesAsync(producer.Client);

    [Fact]
    public async Task The_gateway_refuses_what_its_document_does_not_name()
    {
        await using var gateway = await BeforeProducerAsync();
        await RefusesUnknownNamesAsync(gateway.Client);
    }

    [Fact]
    public async Task The_consumer_refuses_what_its_document_does_not_name() =>
        await ServiceInProcess.ServeAsync("LogPartitioning.Consumer", RefusesUnknownNamesAsync);

    [Theory]
    [InlineData("""{"items":[{"topic":"t","partition":0,"offset":1,"evnt":{}}]}""", "items[0].evnt", "event")]
    [InlineData("""{"items":[{"topic":"t","partition":0,"offset":1,"event":{"source":"a","mesage":"m"}}]}""", "items[0].event.mesage", "message")]
    [InlineData("""{"itmes":[]}""", "itmes", "items")]
    [InlineData("""{"items":[],"items":[]}""", "items", "once")]
    public async Task A_misspelt_field_of_a_dead_letters_redrive_sends_nothing(string body, string field, string meant)
    {
        await using var gateway = await BeforeProducerAsync();
        using var content = new StringContent(body, Encoding.UTF8, "application/json");

        using var response = await gateway.Client.PostAsync("/api/dead-letters/replay", content);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var problem = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.Contains(meant, problem["errors"]![field]![0]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("limt", "limit")]
    [InlineData("Cursor", "cursor")]
    [InlineData("sorce", "source")]
    [InlineData("fromm", "from")]
    [InlineData("form", "from")]
    [InlineData("", "to")]
    public void The_nearest_name_is_the_one_with_the_fewest_changes(string name, string nearest) =>
        Assert.Equal(nearest, NearestName.Of(name, ["source", "level", "from", "to", "contains", "limit", "cursor"]));

    private Task<GatewayAlone> BeforeProducerAsync() => GatewayAlone.StartAsync(null, ("Gateway:Producer", producer.Client.BaseAddress!.ToString()));

    private static async Task RefusesUnknownNamesAsync(HttpClient service)
    {
        var operations = await Operation.OfAsync(service);
        Assert.NotEmpty(operations);
        var bodies = 0;
        foreach (var operation in operations)
        {
            var named = operation.Query is [var first, ..] ? first : null;
            var misspelt = $"{named ?? "limit"}x";
            AssertRefused(operation, await operation.SendAsync(service, $"?{misspelt}=1", operation.Body), misspelt, named);
            if (operation.Body?.First() is not { Key: var field })
            {
                continue;
            }

            bodies++;
            var body = operation.Body.DeepClone().AsObject();
            body[$"{field}x"] = 1;
            var query = operation.Path.Contains("checkout-7", StringComparison.Ordinal) || named is null ? "" : $"?{named}=checkout-7";
            AssertRefused(operation, await operation.SendAsync(service, query, body), $"{field}x", field);
        }

        Assert.Equal(operations.Count(operation => (operation.Method == HttpMethod.Post || operation.Method == HttpMethod.Put) && operation.Path != WithoutBody), bodies);
    }

    private static void AssertRefused(Operation operation, (HttpStatusCode Status, JsonObject Problem) answer, string name, string? nearest)
    {
        Assert.True(answer.Status == HttpStatusCode.BadRequest, $"{operation} answers {answer.Status} for {name}: {answer.Problem}");
        var rule = answer.Problem["errors"]?[name]?[0]?.GetValue<string>();
        Assert.True(rule is not null, $"{operation} does not name {name}: {answer.Problem}");
        Assert.Contains(nearest is null ? "there is none" : $"the nearest is {nearest},", rule, StringComparison.Ordinal);
        Assert.Contains(name, answer.Problem["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.NotNull(answer.Problem["traceId"]);
    }
}
