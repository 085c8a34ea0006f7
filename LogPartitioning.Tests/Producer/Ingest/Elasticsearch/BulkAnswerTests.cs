using System.Text.Json.Nodes;
using LogPartitioning.Producer.Delivery;
using LogPartitioning.Producer.Ingest;
using LogPartitioning.Producer.Ingest.Elasticsearch;
using Microsoft.AspNetCore.Http;

namespace LogPartitioning.Tests.Producer.Ingest.Elasticsearch;

public sealed class BulkAnswerTests
{
    [Fact]
    public async Task Each_failure_has_the_status_by_which_clients_know_what_to_do()
    {
        DeliveryOutcome[] outcomes =
        [
            DeliveryOutcome.Acknowledged("k", 3, 17),
            DeliveryOutcome.Failed("k", "not now", DeliveryFailure.NotNow),
            DeliveryOutcome.Failed("k", "set up", DeliveryFailure.Setup),
            DeliveryOutcome.Failed("k", "taken", DeliveryFailure.IdTaken),
            DeliveryOutcome.Failed("k", "large", DeliveryFailure.TooLarge),
        ];
        var batch = new EventBatch();
        foreach (var _ in outcomes)
        {
            batch.Add(new RequestEvent(Guid.CreateVersion7(), "s", [], null));
        }

        batch.Reject(new LogPartitioning.Core.Events.EventProblem("document", "must be a JSON object"));
        var answer = new BulkAnswer([.. batch.Entries.Select((_, i) => new BulkItem("create", "i", i == 0 ? "own" : null))], new Intake(batch, [.. batch.Entries.Take(5)], outcomes, 1));
        var context = new DefaultHttpContext();
        using var body = new MemoryStream();
        context.Response.Body = body;
        await answer.ExecuteAsync(context);

        var read = JsonNode.Parse(body.ToArray())!;
        Assert.True(read["errors"]!.GetValue<bool>());
        var items = read["items"]!.AsArray().Select(item => item!["create"]!).ToList();
        Assert.Equal([201, 429, 500, 409, 400, 400], items.Select(item => item["status"]!.GetValue<int>()));
        Assert.Equal((17, "own"), (items[0]["_seq_no"]!.GetValue<int>(), items[0]["_id"]!.GetValue<string>()));
        Assert.Equal(
            [
                "es_rejected_execution_exception: not now", "exception: set up", "version_conflict_engine_exception: taken", "document_parsing_exception: large",
                "document_parsing_exception: document must be a JSON object",
            ],
            items.Skip(1).Select(item => $"{item["error"]!["type"]}: {item["error"]!["reason"]}"));
    }
}
