using Confluent.Kafka;
using LogPartitioning.Core.Kafka;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace LogPartitioning.Tests.Kafka;

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

    private sealed class ListLogger : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));
    }
}
