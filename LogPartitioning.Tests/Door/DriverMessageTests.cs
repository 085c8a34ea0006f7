using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Confluent.Kafka;
using LogPartitioning.Consumer.Storage;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Storage;
using LogPartitioning.Tests.Gateway;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

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
            using var response = await gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            var text = await ReadAsync(response);

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

    /// <summary>The answer; of a stream of events, which has no end, what it says of the first failure.</summary>
    private static async Task<string> ReadAsync(HttpResponseMessage response)
    {
        if (response.Content.Headers.ContentType?.MediaType != "text/event-stream")
        {
            return await response.Content.ReadAsStringAsync();
        }

        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(deadline.Token));
        var text = new StringBuilder();
        while (await lines.ReadLineAsync(deadline.Token) is { } line)
        {
            text.AppendLine(line);
            if (line.StartsWith("data: {", StringComparison.Ordinal))
            {
                break;
            }
        }

        return text.ToString();
    }

    [Fact]
    public void No_failure_of_brokers_or_database_is_told_in_its_own_words()
    {
        foreach (var code in Enum.GetValues<ErrorCode>())
        {
            Assert.DoesNotContain("secret", BrokerFailure.InWords(new Error(code, "secret at broker-1:9092")), StringComparison.Ordinal);
        }

        foreach (var failure in new Exception[]
        {
            new PostgresException("secret", "ERROR", "ERROR", "42501"), new NpgsqlException("secret"), new NpgsqlException("secret", new TimeoutException("secret")), new IOException("secret"),
        })
        {
            Assert.DoesNotContain("secret", LogStoreFailure.InWords(failure), StringComparison.Ordinal);
            Assert.DoesNotContain("secret", StoreFailure.Show(failure), StringComparison.Ordinal);
        }

        Assert.Equal("the log store refuses it (SQLSTATE 42501)", LogStoreFailure.InWords(new PostgresException("secret", "ERROR", "ERROR", "42501")));
        Assert.Equal("the brokers give no right to it", BrokerFailure.InWords(new Error(ErrorCode.TopicAuthorizationFailed)));
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
