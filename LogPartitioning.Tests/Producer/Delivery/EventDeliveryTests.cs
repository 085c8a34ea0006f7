using System.Diagnostics.Metrics;
using System.Reflection;
using Confluent.Kafka;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Partitioning;
using LogPartitioning.Producer;
using LogPartitioning.Producer.Delivery;
using LogPartitioning.Producer.Partitioning;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace LogPartitioning.Tests.Producer.Delivery;

/// <summary>What becomes of a record that the client does not take.</summary>
public sealed class EventDeliveryTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly QueuedRecords _queued = new(10, 1_000);

    public void Dispose() => _services.Dispose();

    [Fact]
    public async Task Its_place_is_given_back_whatever_the_client_throws()
    {
        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(() => DeliverAsync(new InvalidOperationException("not thought of")));
        Assert.Equal("not thought of", thrown.Message);
        Assert.Equal(0, _queued.Count);
    }

    [Fact]
    public async Task Where_it_is_refused_its_place_is_given_back_and_it_is_the_events_outcome()
    {
        var outcome = Assert.Single(await DeliverAsync(new ProduceException<string, byte[]>(new Error(ErrorCode.MsgSizeTooLarge), new())));
        Assert.Equal(DeliveryFailure.TooLarge, outcome.Failure);
        Assert.Equal(0, _queued.Count);
    }

    private async Task<DeliveryOutcome[]> DeliverAsync(Exception exception)
    {
        var client = DispatchProxy.Create<IProducer<string, byte[]>, ThrowingClient>();
        ((ThrowingClient)(object)client).Exception = exception;
        using var clients = new RecordClients(client, new(), _ => client, NullLogger<RecordClients>.Instance);
        var kafka = new KafkaOptions();
        using var metrics = new ProducerMetrics(_services.GetRequiredService<IMeterFactory>(), Options.Create(kafka));
        var router = new SourceRouter(new SourceSplits(kafka.Partitions, []), new LoadWindow(kafka.Partitions, TimeSpan.FromSeconds(60), 10, TimeProvider.System));
        var delivery = new EventDelivery(
            clients, _queued, router, BrokerCapabilities.From(kafka), Options.Create(kafka), Options.Create(new ProducerOptions()), metrics, TimeProvider.System);
        return await delivery.DeliverAsync([new(Guid.CreateVersion7(), "source", [1, 2, 3], null)], CancellationToken.None);
    }

    /// <summary>A client that takes no record.</summary>
    public class ThrowingClient : DispatchProxy
    {
        public Exception Exception { get; set; } = new NotSupportedException();

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            targetMethod!.Name == nameof(IProducer<,>.Produce) ? throw Exception : throw new NotSupportedException(targetMethod.Name);
    }
}
