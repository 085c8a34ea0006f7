using System.Text;
using System.Text.Json.Nodes;
using LogPartitioning.Core.Events;
using LogPartitioning.Core.Storage;
using LogPartitioning.Producer;
using LogPartitioning.Producer.Ingest;
using LogPartitioning.ServiceDefaults.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace LogPartitioning.Tests.Producer.Ingest;

/// <summary>Lets a protocol read a request that is here as a whole, without a server.</summary>
internal sealed class ReadRequest
{
    /// <summary>The clock's time in all of them.</summary>
    public static readonly DateTimeOffset Now = new(2026, 11, 22, 8, 0, 0, TimeSpan.Zero);

    private ReadRequest(EventBatch batch, HttpContext context) => (Batch, Context) = (batch, context);

    /// <summary>The clock.</summary>
    public static TimeProvider Time { get; } = new FakeTimeProvider(Now);

    /// <summary>The store's settings as they come.</summary>
    public static StoreOptions Store { get; } = new();

    /// <summary>What was read.</summary>
    public EventBatch Batch { get; }

    public HttpContext Context { get; }

    /// <summary>The events that may be sent on.</summary>
    public IReadOnlyList<LogEvent> Events =>
    [
        .. Batch.Entries.Where(entry => entry.Problem is null).Select(entry =>
            LogEventJson.TryParseRecord(entry.Value, out var read, out var problem) ? read! : throw new InvalidOperationException($"{problem}: {Encoding.UTF8.GetString(entry.Value)}")),
    ];

    /// <summary>What is wrong with the others.</summary>
    public IReadOnlyList<string> Problems => [.. Batch.Entries.Select(entry => entry.Problem).OfType<string>()];

    /// <summary>The one event.</summary>
    public LogEvent Event
    {
        get
        {
            Assert.Empty(Problems);
            return Assert.Single(Events);
        }
    }

    /// <summary>The attributes of an event.</summary>
    public static JsonObject AttributesOf(LogEvent read) => read.Attributes is null ? [] : JsonNode.Parse(read.Attributes)!.AsObject();

    /// <summary>An attribute of the one event.</summary>
    public JsonNode? this[string attribute] => AttributesOf(Event)[attribute];

    /// <summary>A budget that has room for one body of the largest size.</summary>
    public static BufferBudget.Reservation Memory() =>
        new BufferBudget(Options.Create(new ProducerOptions()), new ArrivingBodies(Options.Create(new BodyLimits()))).Open();

    /// <summary>Reads a text.</summary>
    public static Task<ReadRequest> OfAsync(IIngestProtocol protocol, string body, string type, string path = "/", params (string Name, string Value)[] headers) =>
        OfAsync(protocol, Encoding.UTF8.GetBytes(body), type, path, headers);

    /// <summary>Reads bytes.</summary>
    public static async Task<ReadRequest> OfAsync(IIngestProtocol protocol, byte[] body, string type, string path = "/", params (string Name, string Value)[] headers)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = HttpMethods.Post;
        context.Request.Path = path.Split('?')[0];
        context.Request.QueryString = new(path.Contains('?', StringComparison.Ordinal) ? path[path.IndexOf('?', StringComparison.Ordinal)..] : "");
        context.Request.ContentType = type;
        context.Request.ContentLength = body.Length;
        context.Request.Body = new MemoryStream(body);
        foreach (var (name, value) in headers)
        {
            context.Request.Headers[name] = value;
        }

        using var memory = Memory();
        protocol.Check(context.Request);
        return new(await protocol.ReadAsync(context, memory), context);
    }

    /// <summary>That a body is refused as a whole.</summary>
    public static async Task<RequestRefusedException> RefusedAsync(IIngestProtocol protocol, byte[] body, string type, string path = "/", params (string Name, string Value)[] headers) =>
        await Assert.ThrowsAsync<RequestRefusedException>(() => OfAsync(protocol, body, type, path, headers));
}
