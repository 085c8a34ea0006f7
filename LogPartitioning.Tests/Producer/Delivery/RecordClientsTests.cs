using Confluent.Kafka;
using LogPartitioning.Producer.Delivery;
using Microsoft.Extensions.Logging.Abstractions;

namespace LogPartitioning.Tests.Producer.Delivery;

/// <summary>Which client sends what. No broker is needed: a client connects when it has something to send.</summary>
public sealed class RecordClientsTests : IDisposable
{
    private readonly List<ProducerConfig> _made = [];
    private readonly List<IProducer<string, byte[]>> _first = [];

    [Fact]
    public void Many_requests_linger_in_a_client_that_is_set_up_as_the_first_one_is()
    {
        using var clients = Clients(new ProducerConfig { ClientId = "log-producer", Acks = Acks.All, EnableIdempotence = true, LingerMs = 0, MaxInFlight = 2 });

        var lingering = clients.Lingering;

        Assert.NotSame(clients.Current, lingering);
        Assert.Same(lingering, clients.Lingering);
        var made = Assert.Single(_made);
        Assert.Equal(5, made.LingerMs);
        Assert.Equal((Acks.All, true, 2, "log-producer"), (made.Acks, made.EnableIdempotence, made.MaxInFlight, made.ClientId));
    }

    [Fact]
    public void Where_every_record_lingers_already_no_other_client_is_made()
    {
        using var clients = Clients(new ProducerConfig { LingerMs = 5 });
        Assert.Same(clients.Current, clients.Lingering);
        Assert.Empty(_made);
    }

    [Fact]
    public void Batches_that_become_smaller_do_so_in_both_clients()
    {
        using var clients = Clients(new ProducerConfig { LingerMs = 0, MessageMaxBytes = 900_000 });
        var (current, lingering) = (clients.Current, clients.Lingering);

        clients.Shrink(lingering);

        Assert.NotSame(current, clients.Current);
        Assert.NotSame(lingering, clients.Lingering);
        Assert.Equal([900_000, 112_500, 112_500], _made.Select(config => config.BatchSize));
        Assert.Equal([5d, 0d, 5d], _made.Select(config => config.LingerMs));

        // Another request's batch, refused by the client of before: that is known by now.
        clients.Shrink(lingering);
        Assert.Equal(3, _made.Count);
    }

    [Fact]
    public void Where_a_batch_is_one_record_there_is_nothing_to_linger_for()
    {
        using var clients = Clients(new ProducerConfig { LingerMs = 0 });
        clients.KeepWithin(500);
        Assert.Same(clients.Alone, clients.Current);
        Assert.Same(clients.Alone, clients.Lingering);
    }

    public void Dispose() => _first.ForEach(client => client.Dispose());

    private RecordClients Clients(ProducerConfig config)
    {
        _first.Add(new ProducerBuilder<string, byte[]>(config).Build());
        return new RecordClients(_first[0], config, made =>
        {
            _made.Add(made);
            return new ProducerBuilder<string, byte[]>(made).Build();
        }, NullLogger<RecordClients>.Instance);
    }
}
