using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace LogPartitioning.Benchmarks.Ingest;

/// <summary>
/// What the door costs without what is behind it: a minimal API that reads each body to its end and throws it away; and one that
/// writes each event into a table by an INSERT of its own, which is what a service without Kafka would do.
/// </summary>
internal static class PeerEndpoint
{
    public static async Task RunAsync(string address, string? database)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(address);
        await using var app = builder.Build();
        await using var source = database is null ? null : NpgsqlDataSource.Create(database);
        if (source is null)
        {
            app.MapPost("/api/logs", DiscardAsync);
        }
        else
        {
            await using var create = source.CreateCommand("CREATE TABLE received (number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, source text, level text, message text, attributes jsonb)");
            await create.ExecuteNonQueryAsync();
            app.MapPost("/api/logs", (HttpRequest request) => InsertAsync(request, source));
        }

        app.MapGet("/alive", () => "");
        await app.RunAsync();
    }

    private static async Task<IResult> DiscardAsync(HttpRequest request)
    {
        await request.Body.CopyToAsync(Stream.Null, request.HttpContext.RequestAborted);
        return Results.Accepted();
    }

    private static async Task<IResult> InsertAsync(HttpRequest request, NpgsqlDataSource source)
    {
        var aborted = request.HttpContext.RequestAborted;
        using var body = await JsonDocument.ParseAsync(request.Body, cancellationToken: aborted);
        await using var insert = source.CreateCommand("INSERT INTO received (source, level, message, attributes) VALUES ($1, $2, $3, $4::jsonb)");
        foreach (var field in (string[])["source", "level", "message"])
        {
            insert.Parameters.Add(new NpgsqlParameter<string> { TypedValue = body.RootElement.GetProperty(field).GetString() });
        }

        insert.Parameters.Add(new NpgsqlParameter<string> { TypedValue = body.RootElement.GetProperty("attributes").GetRawText() });
        await insert.ExecuteNonQueryAsync(aborted);
        return Results.Accepted();
    }
}
