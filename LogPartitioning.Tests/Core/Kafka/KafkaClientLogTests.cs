using System.Collections.Concurrent;
using Confluent.Kafka;
using LogPartitioning.Core.Kafka;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace LogPartitioning.Tests.Core.Kafka;

public sealed class KafkaClientLogTests
{
    [Fact]
    public void A_kind_of_message_comes_at_most_every_ten_seconds_with_the_number_left_out()
    {
        var time = new FakeTimeProvider();
        var written = new ListLogger();
        var log = new KafkaClientLog(written, time);
        for (var i = 0; i < 100; i++)
        {
            log.Write(new LogMessage("client", SyslogLevel.Error, "FAIL", $"broker down {i}"));
        }

        log.Write(new LogMessage("client", SyslogLevel.Warning, "OTHER", "something else"));
        time.Advance(TimeSpan.FromSeconds(10));
        log.Write(new LogMessage("client", SyslogLevel.Error, "FAIL", "still down"));
        Assert.Equal(
            ["broker down 0 (0 of its kind left out)", "something else (0 of its kind left out)", "still down (99 of its kind left out)"],
            written.Lines);
    }

    [Fact]
    public void What_brokers_that_have_just_started_put_off_is_no_warning()
    {
        var written = new ListLogger();
        var log = new KafkaClientLog(written, TimeProvider.System);

        log.Write(new LogMessage("client", SyslogLevel.Warning, "GETPID", "[thrd:main]: Failed to acquire idempotence PID from broker kafka:9092/1: Broker: Coordinator load in progress: retrying"));
        log.Write(new LogMessage("client", SyslogLevel.Warning, "OTHER", "something else"));

        Assert.Equal([LogLevel.Information, LogLevel.Warning], written.Levels);
    }

    [Fact]
    public async Task What_the_client_says_of_old_brokers_is_left_out_and_the_service_says_it_once_in_a_sentence()
    {
        var written = new ListLogger();
        var services = new ServiceCollection();
        services.AddSingleton<ILoggerFactory>(new ListLoggerFactory(written));
        services.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["Kafka:BrokerVersion"] = "0.9.0.1" }).Build());
        services.AddKafkaOptions();
        using var provider = services.BuildServiceProvider();
        var said = new ConcurrentQueue<LogMessage>();

        for (var client = 0; client < 2; client++)
        {
            var config = new ConsumerConfig { BootstrapServers = "127.0.0.1:1", GroupId = "group" };
            provider.GetRequiredService<BrokerCapabilities>().Apply(config);
            using var consumer = new ConsumerBuilder<byte[], byte[]>(config).SetLogHandler((_, message) => said.Enqueue(message)).SetErrorHandler((_, _) => { }).Build();
            var advice = 2 * (client + 1);
            await Eventually.TrueAsync(
                $"{advice} messages of configuration advice", () => said.Count(message => message.Facility == KafkaClientLog.ConfigurationAdvice) >= advice, TimeSpan.FromSeconds(30));
        }

        var log = new KafkaClientLog(written, TimeProvider.System);
        Assert.All(said.Where(message => message.Facility == KafkaClientLog.ConfigurationAdvice), log.Write);
        Assert.Equal(["The brokers are version 0.9.0.1. Client libraries will drop support for brokers older than 0.10; use Apache Kafka 4."], written.Lines);
    }

    [Fact]
    public void Modern_brokers_are_no_reason_for_a_warning()
    {
        var written = new ListLogger();
        BrokerCapabilities.From(new KafkaOptions { BrokerVersion = "4.1.0" }).WarnOfOldBrokers(written);
        BrokerCapabilities.From(new KafkaOptions()).WarnOfOldBrokers(written);
        Assert.Empty(written.Lines);
    }

    private sealed class ListLoggerFactory(ListLogger log) : ILoggerFactory
    {
        public void AddProvider(ILoggerProvider provider)
        {
        }

        public ILogger CreateLogger(string categoryName) => log;

        public void Dispose()
        {
        }
    }

    private sealed class ListLogger : ILogger
    {
        public List<string> Lines { get; } = [];

        public List<LogLevel> Levels { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Lines.Add(formatter(state, exception));
            Levels.Add(logLevel);
        }
    }
}
