using System.ComponentModel;
using System.Globalization;
using Confluent.Kafka;
using LogPartitioning.Core.Events;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Storage;
using LogPartitioning.Gateway.Query;
using LogPartitioning.Gateway.Requests;
using LogPartitioning.ServiceDefaults.Access;
using LogPartitioning.ServiceDefaults.Requests;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace LogPartitioning.Gateway.DeadLetters;

/// <summary>What could not be processed: seen, and sent through again.</summary>
internal static class DeadLetterEndpoints
{
    private const int DefaultLimit = 50;
    private const string Oldest = "oldest";
    private const string Newest = "newest";
    public const int MaxReasonCharacters = 64;
    private static readonly TimeSpan TopicTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Adds what the endpoints need. The data source <c>logs</c> and the Kafka options come from the service.</summary>
    public static IHostApplicationBuilder AddDeadLetters(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.TryAddSingleton<HistoryClients>();
        // As at the door: what is corrected is to last.
        services.TryAddSingleton(provider => new LogEventReader(provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<StoreOptions>().TakenTimestamps));
        services.TryAddSingleton<DeadLetterRedriveReader>();
        services.TryAddSingleton<DeadLetterRedriveLedger>();
        services.TryAddSingleton(provider =>
        {
            var clients = provider.GetRequiredService<HistoryClients>();
            return new DeadLetterReader(clients.Pages, clients.Searches, clients.Bounds, clients.Topics.DeadLetterTopic);
        });
        services.TryAddSingleton(provider =>
        {
            var clients = provider.GetRequiredService<HistoryClients>();
            return new DeadLetterRedriver(
                provider.GetRequiredService<DeadLetterReader>(),
                provider.GetRequiredService<DeadLetterRedriveLedger>(),
                clients.Producer,
                provider.GetRequiredService<BrokerCapabilities>(),
                clients.Topics.Topic,
                clients.Topics.Partitions,
                provider.GetRequiredService<ILogger<DeadLetterRedriver>>());
        });
        services.TryAddSingleton(provider =>
        {
            var topics = provider.GetRequiredService<HistoryClients>().Topics;
            return new DeadLetterSummary(
                provider.GetRequiredService<DeadLetterReader>(),
                provider.GetRequiredService<DeadLetterRedriveLedger>(),
                topics.Topic,
                token => TopicId.ReadAsync(provider.GetRequiredService<IAdminClient>(), topics.DeadLetterTopic, provider.GetRequiredService<BrokerCapabilities>(), TopicTimeout, token),
                provider.GetRequiredService<TimeProvider>());
        });
        services.TryAddSingleton(provider =>
        {
            var topic = provider.GetRequiredService<HistoryClients>().Topics.Topic;
            return new DeadLetterRedriveJobs(
                provider.GetRequiredService<DeadLetterReader>(),
                provider.GetRequiredService<DeadLetterRedriveLedger>(),
                provider.GetRequiredService<DeadLetterRedriver>(),
                token => TopicId.ReadAsync(provider.GetRequiredService<IAdminClient>(), topic, provider.GetRequiredService<BrokerCapabilities>(), TopicTimeout, token),
                topic,
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<DeadLetterRedriveJobs>>());
        });
        services.AddHostedService(provider => provider.GetRequiredService<DeadLetterRedriveJobs>());
        return builder;
    }

    /// <summary>Maps <c>/api/dead-letters</c>.</summary>
    public static IEndpointRouteBuilder MapDeadLetters(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/dead-letters").WithTags("Dead letters").AddEndpointFilter<UnavailableFilter>();
        group.MapGet("/", ListAsync)
            .RequireAuthorization(Roles.Read)
            .WithName("ListDeadLetters")
            .WithSummary("Records that could not be processed, oldest first or newest first")
            .WithQuery("limit", "cursor", "reason", "order")
            .WithResponseExample(StatusCodes.Status200OK, Examples.Page)
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        group.MapPost("/replay", ReplayAsync)
            .RequireAuthorization(Roles.Operate)
            .WithName("ReplayDeadLetters")
            .WithSummary("Sends chosen dead letters through again, each at most once")
            .WithDescription(
                "An item names a dead letter by its origin. Its record's own bytes are sent, which is right when the fix was "
                + "in the code; where the record itself was wrong, `event` is sent in its place. A dead letter is sent at most "
                + "once: one that is on record as about to be sent, and of which nobody knows whether it arrived, is reported as "
                + "`unknown` and not sent again.")
            .WithJsonBody<DeadLetterRedriveBody>(Examples.Replay)
            .WithResponseExample(StatusCodes.Status200OK, Examples.Replayed)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        group.MapGet("/summary", SummarizeAsync)
            .RequireAuthorization(Roles.Read)
            .WithName("SummarizeDeadLetters")
            .WithSummary("How many dead letters there are of each reason, and how many were sent through again")
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        group.MapDeadLetterRedrives();
        return routes;
    }

    private static async Task<Results<Ok<DeadLetterPageView>, ProblemHttpResult>> ListAsync(
        DeadLetterReader reader,
        DeadLetterRedriveLedger ledger,
        HistoryClients clients,
        PageBudget pages,
        HttpContext context,
        CancellationToken cancellationToken,
        [Description("The most dead letters to give, 1 to 200; 50 without it. Large ones make a page shorter.")] string? limit = null,
        [Description("What the page before gave as `next`.")] string? cursor = null,
        [Description("Only those that were set aside for this reason, such as `malformed_json`. A page may then be empty and have a `next`.")] string? reason = null,
        [Description("`oldest` or `newest` first; default `oldest`.")] string? order = null)
    {
        var problems = new Dictionary<string, string[]>();
        var count = DefaultLimit;
        // Read by hand: the framework's own refusal does not name the parameter.
        if (limit is not null && !(int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out count)
            && count is >= 1 and <= DeadLetterReader.MaxPageSize))
        {
            problems["limit"] = [$"must be 1 to {DeadLetterReader.MaxPageSize}"];
        }
        LogOrder? first = order switch { null or Oldest => LogOrder.Oldest, Newest => LogOrder.Newest, _ => null };
        if (first is null)
        {
            problems["order"] = [$"must be {Oldest} or {Newest}"];
        }
        OffsetsCursor? start = null;
        if (!string.IsNullOrEmpty(cursor) && !OffsetsCursor.TryParse(cursor, out start))
        {
            problems["cursor"] = ["must be what an earlier page gave as next"];
        }
        else if (start is not null && first is not null && start.Order != first)
        {
            problems["cursor"] = [$"is one of order={(start.Order == LogOrder.Newest ? Newest : Oldest)}; ask for that order, or start again without it"];
        }
        if (reason is { Length: 0 or > MaxReasonCharacters })
        {
            problems["reason"] = [$"must have 1 to {MaxReasonCharacters} characters"];
        }
        if (problems.Count > 0)
        {
            return Refusals.ByField(problems);
        }
        // As the answer has them, as base64 and as text, they are more than twice as large as they were.
        var place = await pages.ReserveAsync(context, 2 * DeadLetterReader.MaxPageBytes, cancellationToken);
        var (page, bytes) = await DeadLetterPageView.ReadAsync(
            reader, ledger, clients.Topics.DeadLetterTopic, start ?? (first == LogOrder.Newest ? OffsetsCursor.End : OffsetsCursor.Start), count, reason, cancellationToken);
        place.Hold(2 * bytes);
        return TypedResults.Ok(page);
    }

    private static async Task<Ok<DeadLetterSummaryView>> SummarizeAsync(DeadLetterSummary summary, CancellationToken cancellationToken) =>
        TypedResults.Ok(await summary.ReadAsync(cancellationToken));

    private static async Task<Results<Ok<DeadLetterRedriveAnswer>, ProblemHttpResult>> ReplayAsync(
        HttpContext context,
        DeadLetterRedriveReader reader,
        DeadLetterRedriver replayer,
        HistoryClients clients,
        IAdminClient admin,
        BrokerCapabilities brokers,
        CancellationToken cancellationToken)
    {
        var (body, refusal) = await JsonBody.ReadAsync<DeadLetterRedriveBody>(context);
        if (body is null)
        {
            return refusal;
        }
        var items = reader.Read(body, out var problems);
        if (problems.Count > 0)
        {
            return Refusals.ByField(problems);
        }
        AuditLog.Targets(context, string.Join(", ", items.Select(item => $"{item.Origin.Partition}@{item.Origin.Offset}{(item.Corrected is null ? "" : " corrected")}")));
        var topicId = await TopicId.ReadAsync(admin, clients.Topics.Topic, brokers, TopicTimeout, cancellationToken);
        var outcomes = await replayer.ReplayAsync(items, topicId, cancellationToken);
        return TypedResults.Ok(new DeadLetterRedriveAnswer([.. outcomes.Select(DeadLetterRedriveResult.Of)]));
    }

    private static class Examples
    {
        public const string Page = """
            {"items":[{"origin":{"topic":"log-events","partition":10,"offset":1041,"topicId":"4kCoLhHdQ0S4PGZBmsTdTw"},"at":"2026-11-22T07:00:00+00:00","reason":"malformed_json",
            "detail":"event must be well-formed JSON (line 1, byte 9)","key":"Y2hlY2tvdXQtNw==","keyText":"checkout-7","value":"eyJpZCI6IA==",
            "text":"{\"id\": ","replay":null,"place":{"topic":"log-events.dlq","partition":10,"offset":7}}],"next":"MDowLDE6MCwyOjAsMzo4"}
            """;

        public const string Replay = """
            {"items":[{"topic":"log-events","partition":10,"offset":1041},
            {"topic":"log-events","partition":5,"offset":12,"event":{"source":"checkout-7","message":"order 42 paid"}}]}
            """;

        public const string Replayed = """
            {"results":[{"topic":"log-events","partition":10,"offset":1041,"status":"replayed","newPartition":10,"newOffset":2044,"reason":null},
            {"topic":"log-events","partition":5,"offset":12,"status":"notFound","newPartition":null,"newOffset":null,
            "reason":"no dead letter has this origin"}]}
            """;
    }
}
