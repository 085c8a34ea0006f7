using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Confluent.Kafka;
using LogPartitioning.AppHost.Machine;
using LogPartitioning.Core.Events;
using LogPartitioning.Tests.Servers;
using Microsoft.AspNetCore.Connections;

namespace LogPartitioning.Tests.Producer.Ingest.Syslog;

/// <summary>The producer itself, with syslog on, before brokers that go away.</summary>
[Trait("Category", "Slow")]
public sealed class SyslogDeliveryTests : IDisposable
{
    private const int Lines = 3_000;
    private const int Partitions = 12;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private static readonly int[] s_brokers = [1, 2, 3];

    private readonly MockCluster _cluster = new(brokers: 3);
    private readonly int _port = new LoopbackPorts(random: true).Any();

    public SyslogDeliveryTests() => _cluster.CreateTopic("log-events", Partitions, replicas: 3);

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public async Task What_the_brokers_do_not_take_is_sent_again_until_they_do_and_once_each_to_the_store()
    {
        await using var producer = await StartAsync();
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _port);
        await client.GetStream().WriteAsync(Numbered(0, 1_000));
        await Eventually.TrueAsync("the first", () => Stored().Count == 1_000, s_patience);

        Assert.All(s_brokers, _cluster.SetBrokerDown);
        await client.GetStream().WriteAsync(Numbered(1_000, 1_000));
        // Longer than the delivery timeout of 4 s: the batch is given up once and sent again.
        var down = Stopwatch.StartNew();
        await Eventually.TrueAsync("the end of the first try", () => down.Elapsed > TimeSpan.FromSeconds(5), s_patience);
        Assert.All(s_brokers, _cluster.SetBrokerUp);
        await client.GetStream().WriteAsync(Numbered(2_000, 1_000));

        var records = await Eventually.SeesAsync("all", _ => Task.FromResult(Stored()), stored => stored.Select(e => e.Id).Distinct().Count() >= Lines, s_patience);
        // What came twice has its id twice, and the consumers leave the second out.
        Assert.Equal(Enumerable.Range(0, Lines), records.DistinctBy(record => record.Id).Select(record => record.Number));
    }

    [Fact]
    public async Task A_port_that_is_taken_ends_the_start_with_a_line_that_names_it()
    {
        using var taken = new TcpListener(IPAddress.Loopback, _port);
        taken.Start();
        var failure = await Assert.ThrowsAsync<IOException>(() => StartAsync());
        Assert.Equal($"Producer:Syslog:Tcp is 127.0.0.1:{_port}, which another program uses.", failure.Message);
        Assert.IsType<AddressInUseException>(failure.InnerException);
    }

    private Task<ProducerInProcess> StartAsync() => ProducerInProcess.StartAsync(
        _cluster.BootstrapServers, checksTopics: false, ("Producer:Syslog:Tcp", _port.ToString(CultureInfo.InvariantCulture)));

    private static byte[] Numbered(int first, int count) =>
        Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(first, count).Select(number => string.Create(CultureInfo.InvariantCulture, $"<13>1 - - app - - - {number}\n"))));

    private List<(Guid Id, int Number)> Stored()
    {
        using var consumer = new ConsumerBuilder<Ignore, byte[]>(new ConsumerConfig { BootstrapServers = _cluster.BootstrapServers, GroupId = "reads", EnablePartitionEof = true }).Build();
        consumer.Assign(Enumerable.Range(0, Partitions).Select(partition => new TopicPartitionOffset("log-events", partition, Offset.Beginning)));
        List<(Guid, int)> read = [];
        for (var ended = 0; ended < Partitions;)
        {
            var record = consumer.Consume(s_patience) ?? throw new TimeoutException("The brokers give no record.");
            if (record.IsPartitionEOF)
            {
                ended++;
            }
            else if (LogEventJson.TryParseRecord(record.Message.Value, out var stored, out _))
            {
                read.Add((stored.Id, int.Parse(stored.Message, CultureInfo.InvariantCulture)));
            }
        }

        return read;
    }
}
