using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using LogPartitioning.Tests.Gateway;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LogPartitioning.Tests.Door;

/// <summary>What drivers and servers say holds addresses, users and settings: it goes to the log, with the id that the client gets.</summary>
[Trait("Category", "Slow")]
public sealed class DriverMessageTests
{
    [Fact]
    public async Task No_answer_of_the_gateway_holds_an_address_or_a_drivers_words()
    {
        var log = new ListLog();
        await using var gateway = await GatewayAlone.StartWithAsync(services => services.AddSingleton<ILoggerProvider>(log));
        foreach (var operation in await Operation.OfAsync(gateway.Client))
        {
            using var request = new HttpRequestMessage(operation.Method, operation.Path)
            {
                Content = operation.Body is null ? null : new StringContent(operation.Body.ToJsonString(), Encoding.UTF8, "application/json"),
            };
            using var response = await gateway.Client.SendAsync(request);
            var text = await response.Content.ReadAsStringAsync();

            foreach (var secret in new[] { "127.0.0.1", "localhost", "nobody", "Failed to connect", "Connection refused", "Npgsql", "librdkafka", "Local:", "Broker:" })
            {
                Assert.False(text.Contains(secret, StringComparison.OrdinalIgnoreCase), $"{operation}: {text}");
            }

            if ((int)response.StatusCode == 503 && operation.Path is "/api/logs" or "/api/dead-letters" or "/api/consumer/halted" && operation.Method == HttpMethod.Get)
            {
                var id = JsonNode.Parse(text)!["traceId"]!.GetValue<string>();
                Assert.True(log.Lines.Any(line => line.Contains(id, StringComparison.Ordinal)), $"{operation}: no line of the log has {id}");
            }
        }

        using var health = await gateway.Client.GetAsync("/health");
        Assert.DoesNotContain("127.0.0.1", await health.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private sealed class ListLog : ILoggerProvider, ILogger
    {
        public ConcurrentBag<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
