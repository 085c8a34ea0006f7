using System.Text;
using System.Text.Json;
using LogPartitioning.Gateway.DeadLetters;
using LogPartitioning.Gateway.Ingress;
using LogPartitioning.Gateway.Query;
using LogPartitioning.Producer.Ingest;
using LogPartitioning.ServiceDefaults.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace LogPartitioning.Tests.Fuzz.Readers;

/// <summary>The readers of requests: most by the endpoint that they belong to, as the service has it.</summary>
internal static class RequestReaders
{
    private const string Mapping = "/api/partition-mapping";
    private const string ProducersMapping = "/api/logs/partition-mapping";

    public static IEnumerable<FuzzedReader> All(FuzzSeeds seeds, ServicesInMemory services)
    {
        var cursor = new OffsetsCursor([new(0, 7), new(1, 0), new(11, long.MaxValue)]).ToString();
        var below = new OffsetsCursor([new(0, 7), new(1, 0)], LogOrder.Newest).ToString();
        var place = new LogCursor(LogOrder.Newest, new(new DateTime(2026, 11, 22, 7, 0, 0, DateTimeKind.Utc), 11, 1, 41)).ToString();
        byte[][] queries =
        [
            .. seeds.Queries,
            .. Bytes(
                $"source=a%2Fb&level=warn&minLevel=info&from=2026-11-22T07:00:00Z&to=2026-11-22T09:00:00+01:00&contains=x&order=newest&limit=1000&cursor={place}",
                "from=2026-11-22T07:00:00Z&to=2026-11-23T07:00:00Z&step=5m&source=a", "from=0001-01-01T00:00:00.000001Z&to=0001-01-02T00:00:00Z&step=1d", "to=9999-12-31T23:59:59.999999Z&from=9999-12-31T23:59:59Z",
                "source=checkout-7", "source=%C3%A9%20%2B&contains=%F0%9F%99%82", $"limit=50&cursor={cursor}", $"order=newest&reason=malformed_json&cursor={below}", "limit=1", "source=a&source=b&source=c"),
        ];
        byte[][] lines = [.. seeds.EventsOfLines().Take(400)];
        byte[][] bodies =
        [
            .. lines,
            .. seeds.Examples,
            [(byte)'[', .. lines.Take(3).SelectMany(line => (byte[])[.. line, (byte)',']), .. "{}]"u8],
            [.. lines.Take(5).SelectMany(line => (byte[])[.. line, (byte)'\n'])],
        ];
        byte[][] sources = [.. Bytes("checkout-7", "a/b", "a%2Fb", "%C3%A9", "..", "a/../b", "%2E%2E/", "a%252Fb", "x?source=y", "?source=y", "?source=a%2F..%2Fb")];
        return
        [
            new("POST /api/logs", 14, bodies, input => PostAsync(services.Producer, input)),
            new("GET producer mapping", 3, queries, input => GetAsync(services.Producer, ProducersMapping, input)),
            new("PUT and DELETE producer mapping", 1, sources, input => SplitAsync(services.Producer, ProducersMapping, input)),
            new("body of a split", 1, [.. Bytes("""{"keys":4}"""), .. With("\"keys\":")], input => SendAsync(services.Producer, HttpMethods.Put, $"{ProducersMapping}?source=a", input)),
            new("GET /api/logs", 2, queries, input => GetAsync(services.Gateway, "/api/logs", input)),
            new("GET /api/logs/histogram", 2, queries, input => GetAsync(services.Gateway, "/api/logs/histogram", input)),
            new("GET /api/dead-letters", 2, queries, input => GetAsync(services.Gateway, "/api/dead-letters", input)),
            new("GET gateway mapping", 1, queries, input => GetAsync(services.Gateway, Mapping, input)),
            new("PUT and DELETE gateway mapping", 1, sources, input => SplitAsync(services.Gateway, Mapping, input)),
            new("body of a redrive", 4, [.. With("\"items\":"), .. Bytes("""{"items":[{"topic":"log-events","partition":5,"offset":12,"topicId":"4kCoLhHdQ0S4PGZBmsTdTw","event":{"source":"checkout-7","message":"order 42 paid"}}]}""")], input => SendAsync(services.Gateway, HttpMethods.Post, "/api/dead-letters/replay", input)),
            new("body of a redrive job", 3, [.. With("\"dryRun\":"), .. Bytes("""{"reason":"malformed_json","dryRun":true,"ratePerSecond":100}""", """{"items":[{"topic":"log-events","partition":5,"offset":12}],"dryRun":false}""", """{"dryRun":false,"ratePerSecond":1000}""")], input => SendAsync(services.Gateway, HttpMethods.Post, "/api/dead-letters/redrives", input)),
            new("body of a replay", 3, [.. With("\"from\":"), .. Bytes("""{"partition":"all","from":"2026-11-22T07:00:00Z"}""", """{"partition":3,"from":120}""")], input => SendAsync(services.Gateway, HttpMethods.Post, "/api/consumer/replay", input)),
            new("body of a resume", 3, [.. With("\"action\":"), .. Bytes("""{"partitions":[3],"action":"beginning"}""", """{"partitions":"all","action":"setAside"}""")], input => SendAsync(services.Gateway, HttpMethods.Post, "/api/consumer/halted/resume", input)),
            new("queries of logs", 10, queries, ReadQuery),
            new("queries of histograms", 5, queries, ReadHistogram),
            new("cursors", 6, Bytes(cursor, below, OffsetsCursor.Start.ToString(), OffsetsCursor.End.ToString(), "AQ"), ReadCursor),
            new("cursors of events", 6, Bytes(place, cursor, "Ag"), ReadPlaceCursor),
            new("texts in paths", 5, sources, ReadPath),
        ];

        IEnumerable<byte[]> With(string field) => seeds.Examples.Where(example => example.AsSpan().IndexOf(Encoding.UTF8.GetBytes(field)) >= 0);
    }

    private static async ValueTask<string> PostAsync(ServerInMemory server, FuzzInput input)
    {
        var lines = (input.Variant & 0x10000) != 0;
        var headers = lines ? Headers.OfLines(input) : Headers.OfJson(input);
        var exchange = new Exchange(HttpMethods.Post, "/api/logs", headers, Headers.Body(input));
        await server.AskAsync(exchange);
        var outcomes = 1;
        var outcome = Answers.Judge(exchange, answer =>
        {
            if (!answer.TryGetProperty("results", out var results))
            {
                return "one";
            }

            var index = 0;
            var accepted = 0;
            foreach (var result in results.EnumerateArray())
            {
                BrokenPromiseException.Unless(result.GetProperty("index").GetInt32() == index++, "outcomes are in the order of the events");
                accepted += result.GetProperty("status").ValueEquals("accepted"u8) ? 1 : 0;
            }

            BrokenPromiseException.Unless(
                accepted == answer.GetProperty("accepted").GetInt32() && index - accepted == answer.GetProperty("rejected").GetInt32(), "an answer counts its outcomes");
            outcomes = index;
            return $"many {string.Join("; ", results.EnumerateArray().Where(result => result.TryGetProperty("error", out _)).Take(2).Select(result => FuzzOutcome.Of(result.GetProperty("error").GetString()!)))}";
        });
        if (exchange.StatusCode == StatusCodes.Status202Accepted)
        {
            var events = await EventReaders.CountAsync(FormOf(headers), input.Bytes);
            BrokenPromiseException.Unless(outcomes == events, $"there is an outcome for each of the {events} events, and there are {outcomes}");
        }

        return outcome;
    }

    private static BodyForm FormOf(IHeaderDictionary headers)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers.ContentType = headers.ContentType;
        return BodyForms.Of(context.Request);
    }

    private static async ValueTask<string> SendAsync(ServerInMemory server, string method, string target, FuzzInput input)
    {
        var exchange = new Exchange(method, target, Headers.OfJson(input), Headers.Body(input));
        await server.AskAsync(exchange);
        return Answers.Judge(exchange);
    }

    private static async ValueTask<string> GetAsync(ServerInMemory server, string path, FuzzInput input)
    {
        var exchange = new Exchange(HttpMethods.Get, $"{path}?{Answers.InTarget(input.Bytes)}");
        await server.AskAsync(exchange);
        return Answers.Judge(exchange);
    }

    private static async ValueTask<string> SplitAsync(ServerInMemory server, string path, FuzzInput input)
    {
        var method = (input.Variant & 1) == 0 ? HttpMethods.Delete : HttpMethods.Put;
        var exchange = new Exchange(
            method, $"{path}/{Answers.InTarget(input.Bytes)}", new HeaderDictionary { ["Content-Type"] = "application/json" }, method == HttpMethods.Put ? new("{\"keys\":4}"u8.ToArray(), []) : null);
        await server.AskAsync(exchange);
        return Answers.Judge(exchange);
    }

    private static string ReadQuery(FuzzInput input)
    {
        var read = LogQueryParameters.TryRead(new QueryCollection(QueryHelpers.ParseQuery(Answers.InTarget(input.Bytes))), out var filter, out var problems);
        BrokenPromiseException.Unless(read == (filter is not null) && read == (problems.Count == 0), "there is a filter or a problem");
        BrokenPromiseException.Unless(filter is null || (filter.Limit is >= 1 and <= 1_000 && (filter.From is null || filter.To is null || filter.From < filter.To)), "a filter keeps its limits");
        return read ? "accepted" : $"problems {string.Join("; ", problems.Select(problem => $"{problem.Key} {FuzzOutcome.Of(problem.Value[0])}"))}";
    }

    private static string ReadHistogram(FuzzInput input)
    {
        var now = new DateTimeOffset(2026, 11, 22, 7, 0, 30, TimeSpan.Zero);
        var read = HistogramParameters.TryRead(new QueryCollection(QueryHelpers.ParseQuery(Answers.InTarget(input.Bytes))), now, out var filter, out var problems);
        BrokenPromiseException.Unless(read == (filter is not null) && read == (problems.Count == 0), "there is a filter or a problem");
        BrokenPromiseException.Unless(filter is null || (filter.Step.BucketsIn(filter.Range) is >= 1 and <= HistogramStep.MaxBuckets && !filter.Range.IsEmpty), "a filter keeps its limits");
        return read ? $"accepted {filter!.Step.Name}" : $"problems {string.Join("; ", problems.Select(problem => $"{problem.Key} {FuzzOutcome.Of(problem.Value[0])}"))}";
    }

    private static string ReadPlaceCursor(FuzzInput input)
    {
        var text = Headers.Text(input.Bytes);
        if (!LogCursor.TryParse(text, out var cursor, out var problem))
        {
            return $"none {problem}";
        }

        BrokenPromiseException.Unless(LogCursor.TryParse(cursor.ToString(), out var again, out _) && again == cursor, "a cursor is read as it was written");
        return $"cursor {cursor.Order}";
    }

    private static string ReadCursor(FuzzInput input)
    {
        if (!OffsetsCursor.TryParse(Headers.Text(input.Bytes), out var cursor))
        {
            return "none";
        }

        BrokenPromiseException.Unless(
            OffsetsCursor.TryParse(cursor.ToString(), out var again) && again.Order == cursor.Order && again.Offsets.SequenceEqual(cursor.Offsets), "a cursor is read as it was written");
        return $"cursor {cursor.Order} {cursor.Offsets.Count switch { 0 => "empty", 1 => "one", _ => "many" }}";
    }

    /// <summary>A text that a path can carry is read from the path that is written for it.</summary>
    private static string ReadPath(FuzzInput input)
    {
        if (!TryReadPath(Answers.InTarget(input.Bytes), out var text))
        {
            return "none";
        }

        var read = TryReadPath(Uri.EscapeDataString(text), out var again);
        BrokenPromiseException.Unless(read ? again == text : text is "." or "..", $"a text is read from the path that is written for it; {JsonSerializer.Serialize(text)} and {JsonSerializer.Serialize(again)}");
        return $"text {text.Contains('/', StringComparison.Ordinal)} {text.Contains('%', StringComparison.Ordinal)} {text.Length == 0}";
    }

    private static bool TryReadPath(string path, out string text)
    {
        var context = new DefaultHttpContext();
        context.Features.Get<IHttpRequestFeature>()!.RawTarget = $"{Mapping}/{path}";
        return RouteText.TryRead(context, Mapping, "", out text);
    }

    private static byte[][] Bytes(params string[] texts) => [.. texts.Select(Encoding.UTF8.GetBytes)];
}
