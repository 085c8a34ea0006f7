using System.Text.Json;
using LogPartitioning.Core.Events;
using LogPartitioning.Core.Partitioning;
using LogPartitioning.Producer.Ingest;
using LogPartitioning.Producer.Partitioning;
using LogPartitioning.ServiceDefaults;
using LogPartitioning.ServiceDefaults.Access;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace LogPartitioning.Producer.Mapping;

/// <summary>Where sources go, and splitting the hot ones.</summary>
internal static partial class MappingApi
{
    private const string Route = "/api/logs/partition-mapping";

    public static void MapMappingApi(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Route, Read)
            .RequireAuthorization(Roles.Read)
            .WithName("GetPartitionMapping")
            .WithSummary("Where sources go: keys, partitions, events, share of the load, hot or not.")
            .WithDescription("With one or more source parameters: of those, seen or not. Else: of the heaviest sources and of all split ones. "
                + "Events are counted by this producer, since it started; share, hot and load are of the sliding window.")
            .WithResponseExample(StatusCodes.Status200OK, MappingExamples.Mapping)
            .ProducesProblem(StatusCodes.Status400BadRequest);

        // The rest of the path, so that a source may hold a slash.
        routes.MapPut(Route + "/{**source}", SplitAsync)
            .RequireAuthorization(Roles.Operate)
            .WithName("SplitSource")
            .WithSummary("Splits a source: from now on its events go to the keys source-1 to source-k, to the least loaded first.")
            .WithDescription("Order then holds within each key. The split is stored, and every producer takes it over.")
            .WithRequestExample(BodyForms.Json, MappingExamples.Split)
            .WithResponseExample(StatusCodes.Status200OK, MappingExamples.SplitMapping)
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

        routes.MapDelete(Route + "/{**source}", UniteAsync)
            .RequireAuthorization(Roles.Operate)
            .WithName("UniteSource")
            .WithSummary("Undoes the split of a source: from now on its events go to the key that equals it.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
    }

    private static Results<Ok<PartitionMapping>, ProblemHttpResult> Read(string[]? source, MappingView view)
    {
        foreach (var named in source ?? [])
        {
            if (EventRules.BrokenBySource(named) is { } broken)
            {
                return InvalidField("source", broken);
            }
        }

        return TypedResults.Ok(view.Read(source ?? []));
    }

    private static async Task<Results<Ok<SourceMapping>, ProblemHttpResult>> SplitAsync(
        HttpContext context,
        SplitStore store,
        SplitWatcher watcher,
        SourceSplits splits,
        MappingView view,
        ILogger<SplitWatcher> log,
        CancellationToken cancellationToken)
    {
        var source = SourceOf(context);
        if (EventRules.BrokenBySource(source) is { } broken)
        {
            return InvalidField("source", broken);
        }

        if (!context.Request.HasJsonContentType())
        {
            return TypedResults.Problem(
                $"The body must be {BodyForms.Json}.", statusCode: StatusCodes.Status415UnsupportedMediaType);
        }

        var (keys, problem) = await ReadKeysAsync(context.Request, splits.Partitions, cancellationToken);
        if (problem is not null)
        {
            return problem;
        }

        AuditLog.Targets(context, $"{keys} keys");
        try
        {
            await store.SetAsync(source, keys, cancellationToken);
            await watcher.RefreshAsync(cancellationToken);
        }
        catch (NpgsqlException e)
        {
            return StoreDown(context, log, e);
        }

        LogSplit(log, source, keys);
        return TypedResults.Ok(view.Read([source]).Sources[0]);
    }

    private static async Task<Results<Ok<SourceMapping>, ProblemHttpResult>> UniteAsync(
        HttpContext context,
        SplitStore store,
        SplitWatcher watcher,
        SourceSplits splits,
        MappingView view,
        ILogger<SplitWatcher> log,
        CancellationToken cancellationToken)
    {
        var source = SourceOf(context);
        bool removed;
        try
        {
            // A text that is no source cannot be stored as one, and PostgreSQL refuses some of those even as a question.
            removed = EventRules.BrokenBySource(source) is null && await store.RemoveAsync(source, cancellationToken);
            await watcher.RefreshAsync(cancellationToken);
        }
        catch (NpgsqlException e)
        {
            return StoreDown(context, log, e);
        }

        if (!removed)
        {
            return splits.IsConfigured(source)
                ? TypedResults.Problem(
                    $"The source is split by the setting {PartitioningOptions.Section}:SplitSources; change it there.",
                    statusCode: StatusCodes.Status409Conflict)
                : TypedResults.Problem("The source is not split.", statusCode: StatusCodes.Status404NotFound);
        }

        LogUnited(log, source);
        return TypedResults.Ok(view.Read([source]).Sources[0]);
    }

    /// <summary>The source as sent. The routed value will not do: there an encoded slash stays encoded, and a percent sign
    /// followed by 2F, which a source may hold, looks the same.</summary>
    private static string SourceOf(HttpContext context)
    {
        var target = context.Features.Get<IHttpRequestFeature>()?.RawTarget;
        var start = target?.IndexOf(Route + "/", StringComparison.OrdinalIgnoreCase) ?? -1;
        if (start < 0)
        {
            return context.Request.RouteValues["source"] as string ?? "";
        }

        var path = target!.AsSpan(start + Route.Length + 1);
        var query = path.IndexOf('?');
        return Uri.UnescapeDataString(query < 0 ? path : path[..query]);
    }

    private static async Task<(int Keys, ProblemHttpResult? Problem)> ReadKeysAsync(
        HttpRequest request, int partitions, CancellationToken cancellationToken)
    {
        try
        {
            using var body = await JsonDocument.ParseAsync(request.Body, cancellationToken: cancellationToken);
            if (body.RootElement.ValueKind == JsonValueKind.Object
                && body.RootElement.TryGetProperty("keys", out var keys)
                && keys.ValueKind == JsonValueKind.Number
                && keys.TryGetInt32(out var count)
                && count >= SourceSplits.MinKeys && count <= partitions)
            {
                return (count, null);
            }
        }
        catch (JsonException)
        {
            return (0, InvalidField("body", "must be well-formed JSON"));
        }
        catch (BadHttpRequestException e)
        {
            return (0, TypedResults.Problem(e.Message, statusCode: e.StatusCode));
        }

        return (0, InvalidField("keys", $"must be a whole number from {SourceSplits.MinKeys} to the number of partitions ({partitions})"));
    }

    private static ProblemHttpResult InvalidField(string field, string rule) => TypedResults.Problem(
        $"{field} {rule}.",
        statusCode: StatusCodes.Status400BadRequest,
        extensions: [KeyValuePair.Create<string, object?>("errors", new Dictionary<string, string[]> { [field] = [rule] })]);

    private static ProblemHttpResult StoreDown(HttpContext context, ILogger log, NpgsqlException e)
    {
        LogStoreDown(log, e.Message);
        context.Response.SetRetryAfter(RetryAfter.WhenBack);
        return TypedResults.Problem(
            "The database that keeps the splits does not answer. Events go where they went.",
            statusCode: StatusCodes.Status503ServiceUnavailable);
    }

    [LoggerMessage(21, LogLevel.Information, "Source {Source} is split in {Keys} keys.")]
    private static partial void LogSplit(ILogger log, string source, int keys);

    [LoggerMessage(22, LogLevel.Information, "Source {Source} is no longer split.")]
    private static partial void LogUnited(ILogger log, string source);

    [LoggerMessage(23, LogLevel.Warning, "A split could not be stored: {Reason}")]
    private static partial void LogStoreDown(ILogger log, string reason);
}
