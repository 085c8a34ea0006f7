using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using LogPartitioning.ServiceDefaults.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LogPartitioning.Tests.ServiceDefaults.Access;

/// <summary>A service with the shared defaults and an endpoint for each role, on loopback unless a test says otherwise.</summary>
internal sealed class ProtectedService : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ProtectedService(WebApplication app, Lines lines)
    {
        _app = app;
        Log = lines.Written;
        Client = new() { BaseAddress = new(app.Urls.First()) };
    }

    public HttpClient Client { get; }

    /// <summary>What was logged: category, level, number and text.</summary>
    public ConcurrentQueue<(string Category, LogLevel Level, int Id, string Text)> Log { get; }

    /// <summary>The key of a name, which no log may show.</summary>
    public static string KeyOf(string name) => $"{name}-the-key-of-it-which-is-a-secret";

    public static string HashOf(string key) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(key))).ToLowerInvariant();

    /// <summary>The settings of a key.</summary>
    public static IEnumerable<KeyValuePair<string, string?>> Key(int index, string name, params string[] roles) =>
    [
        new($"ApiKeys:Keys:{index}:Name", name),
        new($"ApiKeys:Keys:{index}:Sha256", HashOf(KeyOf(name))),
        .. roles.Select((role, number) => new KeyValuePair<string, string?>($"ApiKeys:Keys:{index}:Roles:{number}", role)),
    ];

    /// <summary>A file's text with keys that may read.</summary>
    public static string FileOf(params string[] readers) => $$"""
        { "keys": [ {{string.Join(", ", readers.Select(name => $$"""{ "name": "{{name}}", "sha256": "{{HashOf(KeyOf(name))}}", "roles": ["read"] }"""))}} ] }
        """;

    public static Task<ProtectedService> StartAsync(params IEnumerable<KeyValuePair<string, string?>> settings) => StartOnAsync("http://127.0.0.1:0", settings);

    public static async Task<ProtectedService> StartOnAsync(string address, params IEnumerable<KeyValuePair<string, string?>> settings)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = Environments.Production });
        builder.WebHost.UseUrls(address);
        builder.Configuration.AddInMemoryCollection(settings);
        builder.AddServiceDefaults();
        var lines = new Lines();
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Trace).AddProvider(lines);
        var app = builder.Build();
        app.MapDefaultEndpoints();
        app.MapPost("/write", () => "written").RequireAuthorization(Roles.Write);
        app.MapGet("/read", () => "read").RequireAuthorization(Roles.Read);
        app.MapPut("/operate/{what}", (HttpContext context, string what) =>
        {
            AuditLog.Targets(context, "4 keys");
            return what == "broken" ? throw new InvalidOperationException("on purpose") : "done";
        }).WithName("Operate").RequireAuthorization(Roles.Operate);
        app.MapGet("/forgotten", () => "open");
        try
        {
            await app.StartAsync();
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        return new(app, lines);
    }

    /// <summary>Sends a request with this key, or with none.</summary>
    public async Task<HttpResponseMessage> SendAsync(string method, string path, string? key = null)
    {
        using var request = new HttpRequestMessage(new(method), path);
        if (key is not null)
        {
            request.Headers.Add("X-Api-Key", key);
        }

        return await Client.SendAsync(request);
    }

    /// <summary>The status of the answer.</summary>
    public async Task<int> StatusAsync(string method, string path, string? key = null)
    {
        using var answer = await SendAsync(method, path, key);
        return (int)answer.StatusCode;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    internal sealed class Lines : ILoggerProvider
    {
        public ConcurrentQueue<(string Category, LogLevel Level, int Id, string Text)> Written { get; } = new();

        public ILogger CreateLogger(string categoryName) => new Writer(categoryName, Written);

        public void Dispose()
        {
        }
    }

    private sealed class Writer(string category, ConcurrentQueue<(string Category, LogLevel Level, int Id, string Text)> written) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            written.Enqueue((category, logLevel, eventId.Id, string.Create(CultureInfo.InvariantCulture, $"{formatter(state, exception)} {exception}").Trim()));
    }
}
