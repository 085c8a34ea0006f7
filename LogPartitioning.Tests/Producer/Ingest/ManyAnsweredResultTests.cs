using System.Text.Json;
using LogPartitioning.Producer.Delivery;
using LogPartitioning.Producer.Ingest;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace LogPartitioning.Tests.Producer.Ingest;

public sealed class ManyAnsweredResultTests
{
    private static readonly Guid s_id = Guid.Parse("0199b0c4-5f0e-7a44-9a9f-0d7c4a5b6e21");

    [Theory]
    [InlineData(1)]
    [InlineData(2_000)]
    public async Task The_answer_is_the_one_that_the_serializer_writes(int times)
    {
        // Each kind of outcome, and as many that more than one piece goes out.
        RequestEvent[] kinds = [Good, new(Guid.Empty, "", [], "message <is> \"required\" é"), Good, Good, Good];
        DeliveryOutcome[] ends =
        [
            DeliveryOutcome.Acknowledged("a", 3, 1_031),
            DeliveryOutcome.Acknowledged("a", 0, long.MaxValue) with { IsDuplicate = true },
            DeliveryOutcome.Failed("a", "The brokers' words, \"as they are\".", DeliveryFailure.NotNow),
            DeliveryOutcome.Failed("a", "It is larger than the brokers take.", DeliveryFailure.TooLarge),
        ];
        RequestEvent[] entries = [.. Enumerable.Repeat(kinds, times).SelectMany(kind => kind)];
        DeliveryOutcome[] outcomes = [.. Enumerable.Repeat(ends, times).SelectMany(end => end)];
        EventResult[] results =
        [
            .. Enumerable.Range(0, times).SelectMany(round => (EventResult[])
            [
                new(round * 5, "accepted", s_id, 3, 1_031),
                new((round * 5) + 1, "rejected", Error: kinds[1].Problem),
                new((round * 5) + 2, "accepted", s_id, 0, long.MaxValue, Duplicate: true),
                new((round * 5) + 3, "rejected", s_id, Error: ends[2].Error, Retry: true),
                new((round * 5) + 4, "rejected", s_id, Error: ends[3].Error, Retry: false),
            ]),
        ];

        var expected = await AnswerAsync(TypedResults.Accepted((string?)null, new ManyAnswered(2 * times, 3 * times, results)));
        Assert.Equal(expected, await AnswerAsync(new ManyAnsweredResult(entries, outcomes, 2 * times)));
    }

    private static RequestEvent Good => new(s_id, "a", [1], null);

    private static async Task<(int Status, string? Type, string Body)> AnswerAsync(IResult result)
    {
        using var body = new MemoryStream();
        await using var services = new ServiceCollection().AddLogging().BuildServiceProvider();
        var context = new DefaultHttpContext { RequestServices = services, Response = { Body = body } };
        await result.ExecuteAsync(context);
        return (context.Response.StatusCode, context.Response.ContentType, JsonSerializer.Serialize(JsonElement.Parse(body.ToArray())));
    }
}
