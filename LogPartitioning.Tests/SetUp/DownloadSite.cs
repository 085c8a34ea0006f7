using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LogPartitioning.Tests.SetUp;

/// <summary>A web server on loopback that gives one archive, or part of it on request.</summary>
internal sealed class DownloadSite : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Request> _requests = new();
    private int _cuts;

    /// <param name="path">The one path that is there.</param>
    /// <param name="content">What is there.</param>
    public DownloadSite(string path, byte[] content)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(context => AnswerAsync(context, path, content));
        _app.Start();
    }

    public string Address => _app.Urls.Single();

    /// <summary>So many of the next downloads are cut after half of what they are to send.</summary>
    public int Cuts
    {
        init => _cuts = value;
    }

    /// <summary>Whether a request for a part of the archive is answered with that part.</summary>
    public bool GivesParts { get; init; } = true;

    /// <summary>What was asked for, in order.</summary>
    public IReadOnlyList<Request> Requests => [.. _requests];

    /// <summary>Those that asked for the content, where <c>HEAD</c> only asks whether it is there.</summary>
    public IReadOnlyList<Request> Downloads => [.. Requests.Where(request => request.Method == "GET")];

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context, string path, byte[] content)
    {
        var asked = context.Request.GetTypedHeaders().Range?.Ranges.Single().From;
        _requests.Enqueue(new(context.Request.Method, context.Request.Path, asked));
        var from = GivesParts ? (int)(asked ?? 0) : 0;
        var response = context.Response;
        if (context.Request.Path != path || from >= content.Length)
        {
            response.StatusCode = context.Request.Path != path ? StatusCodes.Status404NotFound : StatusCodes.Status416RangeNotSatisfiable;
            return;
        }

        if (from > 0)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.GetTypedHeaders().ContentRange = new(from, content.Length - 1, content.Length);
        }

        var body = content.AsMemory(from);
        response.ContentLength = body.Length;
        if (context.Request.Method == "GET")
        {
            // With less than it announced, the server ends the connection.
            await response.Body.WriteAsync(Interlocked.Decrement(ref _cuts) >= 0 ? body[..(body.Length / 2)] : body, context.RequestAborted);
        }
    }

    /// <param name="Method"><c>HEAD</c> or <c>GET</c>.</param>
    /// <param name="Path">The path asked for.</param>
    /// <param name="From">The first byte asked for, where not all of it is.</param>
    internal sealed record Request(string Method, string Path, long? From = null);
}
