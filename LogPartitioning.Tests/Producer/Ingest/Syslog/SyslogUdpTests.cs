using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using LogPartitioning.Core.Events;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Storage;
using LogPartitioning.Producer;
using LogPartitioning.Producer.Ingest;
using LogPartitioning.Producer.Ingest.Syslog;
using LogPartitioning.ServiceDefaults.Requests;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace LogPartitioning.Tests.Producer.Ingest.Syslog;

public sealed class SyslogUdpTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, long> _dropped = [];
    private readonly ProducerMetrics _metrics;

    public SyslogUdpTests()
    {
        var meters = _services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "log_syslog_dropped" && instrument.Meter.Scope == meters)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, count, tags, _) =>
        {
            lock (_dropped)
            {
                var reason = (string)tags[0].Value!;
                _dropped[reason] = _dropped.GetValueOrDefault(reason) + count;
            }
        });
        _listener.Start();
        _metrics = new(meters, Options.Create(new KafkaOptions()));
    }

    public void Dispose()
    {
        _listener.Dispose();
        _metrics.Dispose();
        _services.Dispose();
    }

    [Fact]
    public async Task Each_datagram_is_a_message_and_a_stop_sends_those_that_are_here()
    {
        List<string> stored = [];
        using var server = Start((batch, token) =>
        {
            lock (stored)
            {
                stored.AddRange(batch.Entries.Select(entry => LogEventJson.TryParseRecord(entry.Value, out var read, out _) ? $"{read.Source} {read.Message}" : "?"));
            }

            return Task.CompletedTask;
        });
        using var client = new UdpClient();
        client.Connect(server.Address);
        for (var i = 0; i < 100; i++)
        {
            await client.SendAsync(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"<13>1 - - app - - - {i}")));
        }

        await client.SendAsync("5 <13>a\n<13>b"u8.ToArray());
        await server.StopAsync(CancellationToken.None).WaitAsync(s_patience);
        Assert.Equal([.. Enumerable.Range(0, 100).Select(i => string.Create(CultureInfo.InvariantCulture, $"app {i}")), "127.0.0.1 5 <13>a\n<13>b"], stored);
        Assert.Equal(0, Dropped(SyslogDrop.QueueFull));
    }

    [Fact]
    public async Task What_there_is_no_room_for_is_counted_and_so_is_what_a_stop_loses()
    {
        using var server = Start((_, token) => Task.Delay(Timeout.Infinite, token));
        using var client = new UdpClient();
        client.Connect(server.Address);
        var large = new byte[32_000];
        await Eventually.SeesAsync(
            "dropped messages",
            async token =>
            {
                await client.SendAsync(large, token);
                return Dropped(SyslogDrop.QueueFull);
            },
            dropped => dropped > 0,
            s_patience,
            TimeSpan.FromMilliseconds(1));

        using var time = new CancellationTokenSource();
        var stopping = server.StopAsync(time.Token);
        await time.CancelAsync();
        await stopping.WaitAsync(s_patience);
        Assert.InRange(Dropped(SyslogDrop.Stopped), 1, DatagramQueue.MaxBytes / large.Length);
    }

    [Fact]
    public async Task A_batch_that_fails_is_counted_and_those_behind_it_go_on()
    {
        List<string> stored = [];
        using var server = Start((batch, token) =>
        {
            lock (stored)
            {
                stored.Add(string.Join(' ', batch.Entries.Select(entry => LogEventJson.TryParseRecord(entry.Value, out var read, out _) ? read.Message : "?")));
                return stored.Count switch
                {
                    1 => throw new InvalidOperationException("not thought of"),
                    2 => throw new OperationCanceledException("not by the stop"),
                    _ => Task.CompletedTask,
                };
            }
        });
        using var client = new UdpClient();
        client.Connect(server.Address);
        for (var i = 1; i <= 3; i++)
        {
            await client.SendAsync(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"<13>{i}")));
            await Eventually.TrueAsync($"batch {i}", () => Count() == i, s_patience);
        }

        await server.StopAsync(CancellationToken.None).WaitAsync(s_patience);
        Assert.Equal(["1", "2", "3"], stored);
        Assert.Equal(2, Dropped(SyslogDrop.Failed));

        int Count()
        {
            lock (stored)
            {
                return stored.Count;
            }
        }
    }

    [Fact]
    public void The_queue_is_bounded_in_number_and_in_bytes_and_by_the_memory_that_all_share()
    {
        var clock = new FakeTimeProvider();
        var budget = NewBudget();
        using var queue = new DatagramQueue(budget, clock);
        Assert.Equal(DatagramQueue.MaxDatagrams, Fill(queue, 10));
        Assert.Equal(DatagramQueue.MaxDatagrams, Empty(queue));

        Assert.Equal(DatagramQueue.MaxBytes / 65_536, Fill(queue, 65_536));
        Assert.True(queue.TryTake(out var one));
        Assert.False(queue.TryAdd(new byte[1], "peer")); // It is on its way, and still held.
        one.Return();
        queue.Release(one.Length);
        Assert.True(queue.TryAdd(new byte[1], "peer"));
        Empty(queue);

        var others = budget.Open();
        others.Hold(new ProducerOptions().MaxBufferedBytes - 100_000, whole: true);
        Assert.Equal(65, Fill(queue, 1_000));
        others.Dispose();
        Assert.False(queue.TryAdd(new byte[1_000], "peer")); // Not asked for again at once.
        clock.Advance(TimeSpan.FromMilliseconds(20));
        Assert.True(queue.TryAdd(new byte[1_000], "peer"));
        Empty(queue);
        budget.Open().Hold(new ProducerOptions().MaxBufferedBytes, whole: true); // All is given back.
    }

    private static int Fill(DatagramQueue queue, int bytes)
    {
        var added = 0;
        while (queue.TryAdd(new byte[bytes], "peer"))
        {
            added++;
        }

        return added;
    }

    private static int Empty(DatagramQueue queue)
    {
        var taken = 0;
        for (; queue.TryTake(out var datagram); datagram.Return())
        {
            queue.Release(datagram.Length);
            taken++;
        }

        return taken;
    }

    private long Dropped(string reason)
    {
        lock (_dropped)
        {
            return _dropped.GetValueOrDefault(reason);
        }
    }

    private SyslogUdp Start(Func<EventBatch, CancellationToken, Task> send)
    {
        var server = new SyslogUdp(
            new(Options.Create(new SyslogOptions()), new StoreOptions(), TimeProvider.System),
            NewBudget(),
            send,
            _metrics,
            new SyslogLog(NullLogger<SyslogLog>.Instance, TimeProvider.System),
            TimeProvider.System,
            new(IPAddress.Loopback, 0));
        server.Start();
        return server;
    }

    private static BufferBudget NewBudget() => new(Options.Create(new ProducerOptions()), new ArrivingBodies(Options.Create(new BodyLimits())));
}
