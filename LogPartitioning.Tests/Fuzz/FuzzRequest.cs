namespace LogPartitioning.Tests.Fuzz;

/// <summary>One request of a fuzz run, made anew from the run's seed and its own number.</summary>
/// <param name="Number">Its number in the run.</param>
/// <param name="Body">The body.</param>
/// <param name="Headers">The content's headers, as they go over the wire.</param>
/// <param name="Good">The events that must be accepted, whatever else the body holds.</param>
internal sealed record FuzzRequest(
    int Number, byte[] Body, IReadOnlyList<KeyValuePair<string, string>> Headers, IReadOnlyList<GoodEvent> Good)
{
    private const string Json = "application/json";
    private const string NdJson = "application/x-ndjson";

    private static readonly string[] ContentTypes =
    [
        "text/plain", "application/xml", "application/json; charset=utf-16", "application/json; charset=nonsense", "application/json;;;",
        "APPLICATION/JSON", "application/problem+json", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded",
        "application/octet-stream", "json", "*/*", "application/x-ndjson; charset=utf-8", "application/cbor", " ", "application/json, text/html",
    ];

    public static FuzzRequest Create(int seed, int number)
    {
        var random = new Random(unchecked((seed * 1_000_003) + number));
        var shape = random.Next(3);
        var events = Enumerable.Range(0, shape == 0 ? 1 : random.Next(1, 9)).Select(_ => GoodEvent.Create(random)).ToList();
        switch (random.Next(10))
        {
            case 0:
                // Nothing is wrong: the good ones between the others.
                return With(number, Join(shape, events.Select(e => e.Json)), shape, events);
            case < 5 when shape != 0:
                return BesideSpoilt(number, random, shape, events);
            case < 5:
                return With(number, EventMutation.Apply(events[0], random), shape, []);
            case 5:
                return Mislabelled(number, random, Join(shape, events.Select(e => e.Json)));
            default:
                return With(number, BodyMutation.Apply(Join(shape, events.Select(e => e.Json)), random), shape, []);
        }
    }

    public HttpRequestMessage ToMessage(Uri uri)
    {
        var content = new ByteArrayContent(Body);
        foreach (var (name, value) in Headers)
        {
            content.Headers.TryAddWithoutValidation(name, value);
        }

        // Every third body goes without a length, in chunks.
        return new HttpRequestMessage(HttpMethod.Post, uri) { Content = content, Headers = { TransferEncodingChunked = Number % 3 == 0 } };
    }

    /// <summary>What is needed to look into a failure.</summary>
    public override string ToString()
    {
        var headers = string.Join(", ", Headers.Select(h => $"{h.Key}: {h.Value}"));
        var shown = Convert.ToBase64String(Body.AsSpan(0, Math.Min(Body.Length, 600)));
        return $"request {Number} ({headers}; {Body.Length} bytes, the first in base64: {shown})";
    }

    private static FuzzRequest BesideSpoilt(int number, Random random, int shape, List<GoodEvent> events)
    {
        var spoilt = random.Next(1, Math.Min(4, events.Count + 1));
        var items = events.Select(e => e.Json).ToList();
        var good = new List<GoodEvent>(events);
        for (var n = 0; n < spoilt; n++)
        {
            var victim = GoodEvent.Create(random);
            // One line of NDJSON may be broken at will, as long as it stays one line.
            var bytes = shape == 2 && random.Next(3) == 0
                ? OneLine(BodyMutation.Apply(victim.Json, random))
                : EventMutation.Apply(victim, random);
            items.Insert(random.Next(items.Count + 1), bytes);
        }
        return With(number, Join(shape, items), shape, good);
    }

    private static FuzzRequest Mislabelled(int number, Random random, byte[] body)
    {
        var headers = new List<KeyValuePair<string, string>>();
        if (random.Next(6) != 0)
        {
            headers.Add(new("Content-Type", ContentTypes[random.Next(ContentTypes.Length)]));
        }
        if (random.Next(4) == 0)
        {
            headers.Add(new("Content-Encoding", random.Next(2) == 0 ? "gzip" : "nonsense"));
        }
        return new FuzzRequest(number, body, headers, []);
    }

    private static FuzzRequest With(int number, byte[] body, int shape, IReadOnlyList<GoodEvent> good) =>
        new(number, body, [new("Content-Type", shape == 2 ? NdJson : Json)], good);

    private static byte[] OneLine(byte[] bytes) => [.. bytes.Where(b => b is not ((byte)'\n' or (byte)'\r'))];

    private static byte[] Join(int shape, IEnumerable<byte[]> items) => shape switch
    {
        0 => items.Single(),
        1 => [(byte)'[', .. items.Aggregate((all, item) => [.. all, (byte)',', .. item]), (byte)']'],
        _ => [.. items.Aggregate((all, item) => [.. all, (byte)'\n', .. item]), (byte)'\n'],
    };
}
