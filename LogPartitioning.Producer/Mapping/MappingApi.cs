using System.ComponentModel;
using LogPartitioning.Core.Events;
using LogPartitioning.Core.Partitioning;
using LogPartitioning.Producer.Partitioning;
using LogPartitioning.ServiceDefaults;
using LogPartitioning.ServiceDefaults.Access;
using LogPartitioning.ServiceDefaults.Requests;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace LogPartitioning.Producer.Mapping;

/// <summary>Where sources go, and splitting the hot ones.</summary>
internal static partial class MappingApi
{
    private const string Route = "/api/logs/partition-mapping";
    private const string SourceDescription = "The source, which may be any that an event may have";
    private const string InPath = "with the segment . or .. cannot be told in a path; send it as the parameter source: PUT or DELETE …/partition-mapping?source=…";

    public static void MapMappingApi(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Route, Read)
            .RequireAuthorization(Roles.Read)
            .WithName("GetPartitionMapping")
            .WithSummary("Where sources go: keys, partitions, events, share of the load, hot or not.")
            .WithDescription("With one or more source parameters: of those, seen or not. Else: of the heaviest sources and of all split ones. "
                + "Events are counted by this producer, since it started; share, hot and load are of the sliding window.")
            .WithRepeatedQuery("source")
            .WithResponseExample(StatusCodes.Status200OK, MappingExamples.Mapping)
            .ProducesProblem(StatusCodes.Status400BadRequest);

        routes.MapPut(Route, SplitAsync).WithQuery("source").WithName("SplitNamedSource").DescribeSplit();
        routes.MapDelete(Route, UniteAsync).WithQuery("source").WithName("UniteNamedSource").DescribeUnite();

        // The same with the rest of the path, for a source that a path can carry.
        routes.MapPut(Route + "/{**source}", SplitAsync).WithName("SplitSource").DescribeSplit();
        routes.MapDelete(Route + "/{**source}", UniteAsync).WithName("UniteSource").DescribeUnite();
    }

    private static void DescribeSplit(this RouteHandlerBuilder route) => route
        .RequireAuthorization(Roles.Operate)
        .WithSummary("Splits a source: from now on its events go to the keys source-1 to source-k, to the least loaded first.")
        .WithDescription("Order then holds within each key. The split is stored, and every producer takes it over.")
        .WithJsonBody<SplitBody>(MappingExamples.Split)
        .WithResponseExample(StatusCodes.Status200OK, MappingExamples.SplitMapping)
        .ProducesProblem(StatusCodes.Status409Conflict)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private static void DescribeUnite(this RouteHandlerBuilder route) => route
        .RequireAuthorization(Roles.Operate)
        .WithSummary("Undoes the split of a source: from now on its events go to the key that equals it.")
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status409Conflict)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private static Results<Ok<PartitionMapping>, ProblemHttpResult> Read(string[]? source, MappingView view)
    {
        foreach (var named in source ?? [])
        {
            if (EventRules.BrokenBySource(named) is { } broken)
            {
                return Refusals.ByField("source", broken);
            }
        }

        return TypedResults.Ok(view.Read(source ?? []));
    }

    private static async Task<Results<Ok<SourceMapping>, ProblemHttpResult>> SplitAsync(
        HttpContext context,
        [Description(SourceDescription)] string? source,
        SplitStore store,
        SplitWatcher watcher,
        SourceSplits splits,
        MappingView view,
        ILogger<SplitWatcher> log,
        CancellationToken cancellationToken)
    {
        if (!RouteText.TryRead(context, Route, source ?? "", out source))
        {
            return Refusals.ByField("source", InPath);
        }

        if (EventRules.BrokenBySource(source) is { } broken)
        {
            return Refusals.ByField("source", broken);
        }

        var (body, refusal) = await JsonBody.ReadAsync<SplitBody>(context);
        if (body is null)
        {
            return refusal;
        }

        if (body.Keys is not { } keys || keys < SourceSplits.MinKeys || keys > splits.Partitions)
        {
            return Refusals.ByField("keys", $"must be a whole number from {SourceSplits.MinKeys} to the number of partitions ({splits.Partitions})");
        }

        AuditLog.Targets(context, $"{Uri.EscapeDataString(source)}: {keys} keys");
        try
        {
            if (!await store.SetAsync(source, keys, cancellationToken))
            {
                return TypedResults.Problem(
                    $"At most {SplitStore.MaxSources} sources may be split, in {SplitStore.MaxKeys} keys together. Give others their single key back first.",
                    statusCode: StatusCodes.Status409Conflict);
            }

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
        [Description(SourceDescription)] string? source,
        SplitStore store,
        SplitWatcher watcher,
        SourceSplits splits,
        MappingView view,
        ILogger<SplitWatcher> log,
        CancellationToken cancellationToken)
    {
        if (!RouteText.TryRead(context, Route, source ?? "", out source))
        {
            return Refusals.ByField("source", InPath);
        }

        if (EventRules.BrokenBySource(source) is { } broken)
        {
            return Refusals.ByField("source", broken);
        }

        AuditLog.Targets(context, Uri.EscapeDataString(source));
        bool removed;
        try
        {
            removed = await store.RemoveAsync(source, cancellationToken);
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

    private static ProblemHttpResult StoreDown(HttpContext context, ILogger log, NpgsqlException e)
    {
        LogStoreDown(log, e.Message, RequestId.Of(context));
        context.Response.SetRetryAfter(RetryAfter.WhenBack);
        return TypedResults.Problem(
            "The database that keeps the splits does not answer. Events go where they went.",
            statusCode: StatusCodes.Status503ServiceUnavailable);
    }

    [LoggerMessage(21, LogLevel.Information, "Source {Source} is split in {Keys} keys.")]
    private static partial void LogSplit(ILogger log, string source, int keys);

    [LoggerMessage(22, LogLevel.Information, "Source {Source} is no longer split.")]
    private static partial void LogUnited(ILogger log, string source);

    [LoggerMessage(23, LogLevel.Warning, "A split could not be stored: {Reason} (trace {RequestTraceId})")]
    private static partial void LogStoreDown(ILogger log, string reason, string requestTraceId);
}
