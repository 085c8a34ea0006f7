using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using LogPartitioning.Core.Partitioning;

namespace LogPartitioning.Tests.LoadTest.Sending;

/// <summary>What the fake gateway does with one request.</summary>
internal enum Fate
{
    /// <summary>Takes the events and answers.</summary>
    Answer,

    /// <summary>Answers 503 and takes nothing.</summary>
    Unavailable,

    /// <summary>Takes the events, then the connection breaks before the answer: the client cannot know.</summary>
    TakeAndCut,

    /// <summary>Refuses the connection.</summary>
    Refuse,

    /// <summary>Takes every second event; the others are to be sent again.</summary>
    TakeHalf,
}

/// <summary>
/// Stands for gateway, brokers, consumers and store at once: what it takes gets an offset and is stored, once an id.
/// </summary>
internal sealed class FakeGateway : HttpMessageHandler
{
    public const int Partitions = 12;

    private readonly Lock _lock = new();
    private readonly long[] _ends = new long[Partitions];
    private readonly Dictionary<Guid, JsonObject> _byId = [];
    private readonly Dictionary<string, int> _inFlight = [];

    /// <summary>Decides each request's fate by its number, from 1.</summary>
    public Func<int, Fate> Fate { get; init; } = _ => Sending.Fate.Answer;

    /// <summary>Refuses an event by its message.</summary>
    public Func<string, bool> Rejects { get; init; } = _ => false;

    public List<JsonObject> Stored { get; } = [];

    public int Requests { get; private set; }

    /// <summary>A source had two requests in flight at a time.</summary>
    public bool Overlapped { get; private set; }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var path = request.RequestUri!.AbsolutePath;
        if (request.Method == HttpMethod.Post && path == "/api/logs")
        {
            Assert.Equal("application/x-ndjson", request.Content!.Headers.ContentType!.MediaType);
            return await TakeAsync(await request.Content.ReadAsStringAsync(cancellationToken), cancellationToken);
        }

        var query = System.Web.HttpUtility.ParseQueryString(request.RequestUri.Query);
        lock (_lock)
        {
            return path switch
            {
                "/api/logs" => Page(query["source"]!, query["cursor"], int.Parse(query["limit"]!)),
                "/api/consumer/lag" => Json(new
                {
                    totalLag = 0,
                    partitions = _ends.Select((end, partition) => new { partition, endOffset = end, committed = end == 0 ? (long?)null : end, lag = 0 }),
                }),
                "/api/partition-mapping" => Json(new PartitionMapping(
                    Partitions, 60, 0, 0, 0, [new(query["source"]!, [new(query["source"]!, Home(query["source"]!))], 0, 0, Hot: false)], [])),
                _ => new HttpResponseMessage(HttpStatusCode.NotFound),
            };
        }
    }

    private static int Home(string key) => KeyPartitioner.PartitionOf(key, Partitions);

    private static HttpResponseMessage Json(object body, HttpStatusCode status = HttpStatusCode.OK) =>
        new(status) { Content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json") };

    private async Task<HttpResponseMessage> TakeAsync(string body, CancellationToken cancellationToken)
    {
        var events = body.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!.AsObject()).ToArray();
        var sources = events.Select(e => (string)e["source"]!).Distinct().ToArray();
        int number;
        lock (_lock)
        {
            number = ++Requests;
            foreach (var source in sources)
            {
                Overlapped |= (_inFlight[source] = _inFlight.GetValueOrDefault(source) + 1) > 1;
            }
        }

        try
        {
            // Others get their turn here: a client that did not wait for answers would be seen.
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            return Answer(events, Fate(number));
        }
        finally
        {
            lock (_lock)
            {
                foreach (var source in sources)
                {
                    _inFlight[source]--;
                }
            }
        }
    }

    private HttpResponseMessage Answer(JsonObject[] events, Fate fate)
    {
        if (fate == Sending.Fate.Refuse)
        {
            throw new HttpRequestException("Connection refused");
        }

        if (fate == Sending.Fate.Unavailable)
        {
            var unavailable = Json(new { title = "Service Unavailable", detail = "The brokers do not answer." }, HttpStatusCode.ServiceUnavailable);
            unavailable.Headers.RetryAfter = new System.Net.Http.Headers.RetryConditionHeaderValue(TimeSpan.FromSeconds(1));
            return unavailable;
        }

        var results = new JsonArray();
        lock (_lock)
        {
            for (var i = 0; i < events.Length; i++)
            {
                results.Add(
                    fate == Sending.Fate.TakeHalf && i % 2 == 1
                        ? new JsonObject { ["index"] = i, ["status"] = "rejected", ["error"] = "not acknowledged in time", ["retry"] = true }
                        : Take(i, events[i]));
            }
        }

        return fate == Sending.Fate.TakeAndCut
            ? throw new HttpRequestException("The response ended prematurely.")
            : Json(new JsonObject { ["results"] = results }, HttpStatusCode.Accepted);
    }

    private JsonObject Take(int index, JsonObject logEvent)
    {
        if (Rejects((string)logEvent["message"]!))
        {
            return new JsonObject { ["index"] = index, ["status"] = "rejected", ["error"] = "message breaks a rule" };
        }

        var partition = Home((string)logEvent["source"]!);
        var offset = _ends[partition]++;
        if (_byId.TryAdd((Guid)logEvent["id"]!, logEvent))
        {
            var stored = logEvent.DeepClone().AsObject();
            stored["partition"] = partition;
            stored["offset"] = offset;
            stored["key"] = (string)logEvent["source"]!;
            Stored.Add(stored);
        }

        return new JsonObject { ["index"] = index, ["status"] = "accepted", ["partition"] = partition, ["offset"] = offset };
    }

    private HttpResponseMessage Page(string source, string? cursor, int limit)
    {
        var from = cursor is null ? 0 : int.Parse(cursor);
        var all = Stored.Where(e => (string)e["source"]! == source).ToArray();
        var items = new JsonArray([.. all.Skip(from).Take(limit).Select(e => e.DeepClone())]);
        return Json(new JsonObject { ["items"] = items, ["next"] = from + limit < all.Length ? $"{from + limit}" : null });
    }
}
