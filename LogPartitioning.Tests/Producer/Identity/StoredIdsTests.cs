using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using LogPartitioning.Consumer.Storage;
using LogPartitioning.Core.Events;
using LogPartitioning.Tests.Consumer.Storage;
using LogPartitioning.Tests.Servers;
using Npgsql;
using static LogPartitioning.Tests.Consumer.Storage.StoredEvents;

namespace LogPartitioning.Tests.Producer.Identity;

/// <summary>Producers that did not take the first event themselves, before a real PostgreSQL that holds it.</summary>
public sealed class StoredIdsTests(PostgresServer server) : DatabaseTest(server), IClassFixture<PostgresServer>, IDisposable
{
    private readonly MockCluster _cluster = new(brokers: 1);

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        _cluster.CreateTopic("log-events", 12, replicas: 1);
    }

    public override async Task DisposeAsync()
    {
        Dispose();
        await base.DisposeAsync();
    }

    public void Dispose() => _cluster.Dispose();

    [PostgresFact]
    public async Task An_id_is_known_for_as_long_as_its_event_is_stored()
    {
        var e = Event("stored", "first", attributes: """{"a":1,"b":"x"}""");
        var store = new LogStore(Database, "group", "topic");
        await store.WriteAsync(Batch(await store.ClaimAsync(5), 0, Record(41, e)));
        await using var producer = await StartAsync();

        var (status, again) = await PostAsync(producer, e);
        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.True(again.GetProperty("duplicate").GetBoolean());
        Assert.Equal(("stored", 5, 41L), (again.GetProperty("key").GetString(), again.GetProperty("partition").GetInt32(), again.GetProperty("offset").GetInt64()));
        // Now by the producer itself.
        Assert.Equal(41, (await PostAsync(producer, e)).Body.GetProperty("offset").GetInt64());

        await using var other = await StartAsync();
        Assert.Equal(HttpStatusCode.Conflict, (await PostAsync(other, e with { Message = "second" })).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await PostAsync(other, e with { Source = "another" })).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await PostAsync(other, e with { Timestamp = e.Timestamp.AddSeconds(1) })).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await PostAsync(other, e with { Attributes = null })).Status);
        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(other, e with { Attributes = """{"b":"x","a":1.0}""" })).Status);
    }

    [PostgresFact]
    public async Task While_the_table_is_locked_events_are_taken_and_the_database_is_not_asked_for_a_while()
    {
        await using var producer = await StartAsync();
        await using var connection = await Database.OpenConnectionAsync();
        await using var locking = await connection.BeginTransactionAsync();
        await using var command = new NpgsqlCommand("LOCK TABLE log_events IN ACCESS EXCLUSIVE MODE", connection, locking);
        await command.ExecuteNonQueryAsync();
        var begin = TimeProvider.System.GetTimestamp();

        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(producer, Event())).Status);
        }

        // One that waited in vain, not twenty.
        Assert.True(TimeProvider.System.GetElapsedTime(begin) < TimeSpan.FromSeconds(4), $"{TimeProvider.System.GetElapsedTime(begin)}");
    }

    private Task<ProducerInProcess> StartAsync() =>
        ProducerInProcess.StartAsync(_cluster.BootstrapServers, checksTopics: false, ("ConnectionStrings:logs", Database.ConnectionString));

    private static async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(ProducerInProcess producer, LogEvent e)
    {
        using var response = await producer.Client.PostAsJsonAsync(new Uri("/api/logs", UriKind.Relative), new
        {
            id = e.Id,
            source = e.Source,
            level = e.Level.ToString(),
            message = e.Message,
            timestamp = e.Timestamp,
            attributes = e.Attributes is null ? (JsonElement?)null : JsonElement.Parse(e.Attributes),
        });
        return (response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>());
    }
}
