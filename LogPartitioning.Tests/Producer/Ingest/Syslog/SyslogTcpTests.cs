using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using LogPartitioning.Core.Storage;
using LogPartitioning.Producer;
using LogPartitioning.Producer.Ingest;
using LogPartitioning.Producer.Ingest.Syslog;
using LogPartitioning.ServiceDefaults.Requests;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace LogPartitioning.Tests.Producer.Ingest.Syslog;

public sealed class SyslogTcpTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_connection_too_many_is_closed_at_once_and_a_place_that_is_free_again_is_taken()
    {
        var acknowledged = 0;
        using var server = Start((batch, _) => Count(ref acknowledged, batch));
        List<TcpClient> clients = [];
        for (var i = 0; i < SyslogTcp.MaxConnections; i++)
        {
            clients.Add(await ConnectAsync(server));
        }

        await Eventually.TrueAsync("all connections", () => server.Connections == SyslogTcp.MaxConnections, s_patience);
        using (var tooMany = await ConnectAsync(server))
        {
            Assert.Equal(0, await ReadAsync(tooMany).WaitAsync(s_patience));
        }

        clients[0].Dispose();
        await Eventually.TrueAsync("a free place", () => server.Connections < SyslogTcp.MaxConnections, s_patience);
        using var next = await ConnectAsync(server);
        await next.GetStream().WriteAsync("<13>a\n"u8.ToArray());
        await Eventually.TrueAsync("its message", () => Volatile.Read(ref acknowledged) == 1, s_patience);
        clients.ForEach(client => client.Dispose());
        await server.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_sender_that_looks_whether_the_other_end_has_closed_loses_nothing_at_a_stop()
    {
        var acknowledged = 0;
        using var server = Start((batch, _) => Count(ref acknowledged, batch));
        using var client = await ConnectAsync(server);
        var closed = ReadAsync(client);
        var sent = 0;
        var sending = Task.Run(async () =>
        {
            for (; !closed.IsCompleted; sent++)
            {
                await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"<13>{sent}\n")));
            }

            client.Dispose();
        });
        await Eventually.TrueAsync("some messages", () => Volatile.Read(ref acknowledged) > 100, s_patience);

        await server.StopAsync(CancellationToken.None).WaitAsync(s_patience);
        await sending;
        Assert.Equal(sent, acknowledged);
    }

    [Fact]
    public async Task A_stop_waits_for_what_is_not_acknowledged_and_not_for_a_sender_that_stays()
    {
        var clock = new FakeTimeProvider();
        var acknowledge = new TaskCompletionSource();
        var under = new TaskCompletionSource();
        using var server = Start(
            (_, token) =>
            {
                under.TrySetResult();
                return acknowledge.Task.WaitAsync(token);
            },
            clock);
        using var client = await ConnectAsync(server);
        await client.GetStream().WriteAsync("<13>a\n"u8.ToArray());
        await under.Task.WaitAsync(s_patience);

        var stopping = server.StopAsync(CancellationToken.None);
        Assert.Equal(0, await ReadAsync(client).WaitAsync(s_patience)); // It is told.
        clock.Advance(TimeSpan.FromSeconds(6));
        Assert.False(stopping.IsCompleted);
        acknowledge.SetResult();
        // Its time may begin only now.
        await Eventually.TrueAsync(
            "the stop",
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(6));
                return stopping.IsCompleted;
            },
            s_patience);
        await stopping;
    }

    [Fact]
    public async Task A_stop_ends_with_its_time_whatever_is_not_acknowledged()
    {
        var under = new TaskCompletionSource();
        using var server = Start((_, token) =>
        {
            under.TrySetResult();
            return Task.Delay(Timeout.Infinite, token);
        });
        using var client = await ConnectAsync(server);
        await client.GetStream().WriteAsync("<13>a\n"u8.ToArray());
        await under.Task.WaitAsync(s_patience);
        using var time = new CancellationTokenSource();
        var stopping = server.StopAsync(time.Token);
        await time.CancelAsync();
        await stopping.WaitAsync(s_patience);
    }

    [Fact]
    public async Task A_sender_whose_messages_are_not_acknowledged_cannot_send_on()
    {
        using var server = Start((_, token) => Task.Delay(Timeout.Infinite, token));
        using var client = await ConnectAsync(server);
        client.SendBufferSize = 64 * 1024;
        var line = Encoding.ASCII.GetBytes($"<13>{new string('x', 8_000)}\n");
        var sent = 0L;
        Task writing;
        do
        {
            writing = client.GetStream().WriteAsync(line).AsTask();
            sent += line.Length;
            // Nothing takes it off the sender: what is not written at once waits for ever.
            await Task.WhenAny(writing, Task.Delay(TimeSpan.FromSeconds(1)));
        }
        while (writing.IsCompletedSuccessfully && sent < 64 * 1024 * 1024);

        Assert.False(writing.IsCompleted);
        Assert.InRange(sent, line.Length, 16 * 1024 * 1024);
        using var time = new CancellationTokenSource(TimeSpan.Zero);
        await server.StopAsync(time.Token).WaitAsync(s_patience);
    }

    [Fact]
    public void An_address_that_is_taken_is_named_with_its_setting()
    {
        using var server = Start((_, _) => Task.CompletedTask);
        var failure = Assert.Throws<IOException>(() => BoundSocket.Listen(server.Address, SocketType.Stream, ProtocolType.Tcp));
        Assert.Equal($"Producer:Syslog:Tcp is {server.Address}, which another program uses.", failure.Message);

        // One of a network for examples, which no machine has.
        failure = Assert.Throws<IOException>(() => BoundSocket.Listen(new(IPAddress.Parse("192.0.2.1"), 5514), SocketType.Dgram, ProtocolType.Udp));
        Assert.StartsWith("Producer:Syslog:Udp is 192.0.2.1:5514, where it cannot listen: ", failure.Message, StringComparison.Ordinal);
    }

    private static Task Count(ref int acknowledged, EventBatch batch)
    {
        Interlocked.Add(ref acknowledged, batch.Entries.Count);
        return Task.CompletedTask;
    }

    private static SyslogTcp Start(Func<EventBatch, CancellationToken, Task> send, TimeProvider? time = null)
    {
        var clock = time ?? TimeProvider.System;
        var options = Options.Create(new SyslogOptions());
        var server = new SyslogTcp(
            () => new(options, new StoreOptions(), clock),
            new(Options.Create(new ProducerOptions()), new ArrivingBodies(Options.Create(new BodyLimits()))),
            send,
            new SyslogLog(NullLogger<SyslogLog>.Instance, clock),
            clock,
            new(IPAddress.Loopback, 0));
        server.Start();
        return server;
    }

    private static async Task<TcpClient> ConnectAsync(SyslogTcp server)
    {
        var client = new TcpClient();
        await client.ConnectAsync(server.Address);
        return client;
    }

    /// <summary>Nothing is ever sent back: this ends, with 0, when the other end has closed.</summary>
    private static async Task<int> ReadAsync(TcpClient client)
    {
        try
        {
            return await client.GetStream().ReadAsync(new byte[1]);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
