using LogPartitioning.Core.DeadLetters;
using LogPartitioning.Core.Events;
using LogPartitioning.Gateway.Replay;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace LogPartitioning.Gateway.DeadLetters;

/// <summary>What could not be processed: seen, and sent through again.</summary>
internal static class DeadLetterEndpoints
{
    private const int DefaultLimit = 50;

    /// <summary>Adds what the endpoints need. The data source <c>logs</c> and the Kafka options come from the service.</summary>
    public static IHostApplicationBuilder AddDeadLetters(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<HistoryClients>();
        services.TryAddSingleton<LogEventReader>();
        services.TryAddSingleton<DeadLetterReplayReader>();
        services.TryAddSingleton<DeadLetterReplayLedger>();
        services.TryAddSingleton(provider =>
        {
            var clients = provider.GetRequiredService<HistoryClients>();
            return new DeadLetterReader(clients.Config, clients.Bounds, clients.Topics.DeadLetterTopic);
        });
        services.TryAddSingleton(provider =>
        {
            var clients = provider.GetRequiredService<HistoryClients>();
            return new DeadLetterReplayer(
                provider.GetRequiredService<DeadLetterReader>(),
                provider.GetRequiredService<DeadLetterReplayLedger>(),
                clients.Producer,
                clients.Topics.Topic,
                provider.GetRequiredService<ILogger<DeadLetterReplayer>>());
        });
        return builder;
    }

    /// <summary>Maps <c>/api/dead-letters</c>.</summary>
    public static IEndpointRouteBuilder MapDeadLetters(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/dead-letters").WithTags("Dead letters").AddEndpointFilter<UnavailableFilter>();
        group.MapGet("/", ListAsync)
            .WithName("ListDeadLetters")
            .WithSummary("Records that could not be processed, oldest first")
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        group.MapPost("/replay", ReplayAsync)
            .WithName("ReplayDeadLetters")
            .WithSummary("Sends chosen dead letters through again, each at most once")
            .WithDescription(
                "An item names a dead letter by its origin. Its record's own bytes are sent, which is right when the fix was "
                + "in the code; where the record itself was wrong, `event` is sent in its place. A dead letter is sent at most "
                + "once: one that was sent and of which nobody knows whether it arrived is reported as `unknown` and not sent again.")
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        return routes;
    }

    private static async Task<Results<Ok<DeadLetterPageView>, ValidationProblem>> ListAsync(
        DeadLetterReader reader,
        DeadLetterReplayLedger ledger,
        HistoryClients clients,
        CancellationToken cancellationToken,
        int limit = DefaultLimit,
        string? cursor = null)
    {
        var problems = new Dictionary<string, string[]>();
        if (limit is < 1 or > DeadLetterReader.MaxPageSize)
        {
            problems["limit"] = [$"must be 1 to {DeadLetterReader.MaxPageSize}"];
        }
        if (!DeadLetterCursor.TryParse(cursor, out var start))
        {
            problems["cursor"] = ["must be what an earlier page gave as next"];
        }
        if (problems.Count > 0)
        {
            return TypedResults.ValidationProblem(problems);
        }
        var page = await reader.ReadPageAsync(start, limit, cancellationToken);
        var origins = page.Items.Select(i => i.Letter).OfType<DeadLetter>()
            .Select(l => new DeadLetterOrigin(l.Topic, l.Partition, l.Offset)).ToHashSet();
        var replays = await ledger.ReadAsync(origins, cancellationToken);
        var topic = clients.Topics.DeadLetterTopic;
        return TypedResults.Ok(new DeadLetterPageView(
            [.. page.Items.Select(i => DeadLetterView.Of(i, topic, replays))], page.Next?.ToString()));
    }

    private static async Task<Results<Ok<DeadLetterReplayAnswer>, ValidationProblem>> ReplayAsync(
        DeadLetterReplayBody body,
        DeadLetterReplayReader reader,
        DeadLetterReplayer replayer,
        CancellationToken cancellationToken)
    {
        var items = reader.Read(body, out var problems);
        if (problems.Count > 0)
        {
            return TypedResults.ValidationProblem(problems);
        }
        var outcomes = await replayer.ReplayAsync(items, cancellationToken);
        return TypedResults.Ok(new DeadLetterReplayAnswer([.. outcomes.Select(DeadLetterReplayResult.Of)]));
    }
}
