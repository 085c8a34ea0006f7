using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Wolverine;
using Wolverine.Kafka;
using Wolverine.Postgresql;
using Wolverine.Transports;
using WolverinePeer;

// Stores the events of a topic until it is ended: WolverinePeer BROKERS TOPIC GROUP CONNECTION
if (args is not [var brokers, var topic, var group, var connection])
{
    await Console.Error.WriteLineAsync("usage: WolverinePeer BROKERS TOPIC GROUP CONNECTION");
    return 2;
}

var builder = Host.CreateApplicationBuilder();
builder.Logging.SetMinimumLevel(LogLevel.Warning);
var database = NpgsqlDataSource.Create(connection);
builder.Services.AddSingleton(database);
builder.UseWolverine(options =>
{
    options.Durability.Mode = DurabilityMode.Solo; // one instance, which has nobody to agree with
    options.PersistMessagesWithPostgresql(database, "wolverine");
    options.UseKafka(brokers).ConfigureConsumers(consumer =>
    {
        consumer.GroupId = group;
        consumer.AutoOffsetReset = AutoOffsetReset.Earliest;
    });

    // What its pages tell of throughput without loss: batches are safe behind a durable inbox alone, whose inserts are batched too;
    // and limits of the buffer that a backlog does not reach all the time, since reaching them leaves the group.
    options.ListenToKafkaTopic(topic)
        .ReceiveRawJson<Event>()
        .UseDurableInbox(new BufferingLimits(50_000, 25_000))
        .MaximumMessagesToReceive(Batching.Size);

    // Many at once: what the inbox writes for each batch waits for the disk, and with the 5 of its own accord it stores a quarter as much.
    options.BatchMessagesOf<Event>(batching =>
    {
        batching.BatchSize = Batching.Size;
        batching.Batcher = new Batching();
    }).UseDurableInbox().MaximumParallelMessages(50);
});
await builder.Build().RunAsync();
return 0;
