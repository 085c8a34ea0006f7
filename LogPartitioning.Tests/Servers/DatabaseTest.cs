using Npgsql;

namespace LogPartitioning.Tests.Servers;

/// <summary>Tests that each have a database of their own, with the schema.</summary>
public abstract class DatabaseTest(PostgresServer server) : IAsyncLifetime
{
    private NpgsqlDataSource? _database;

    /// <summary>The database of this test.</summary>
    protected NpgsqlDataSource Database => _database ?? throw new InvalidOperationException("The test has not started.");

    /// <inheritdoc/>
    public virtual async Task InitializeAsync() => _database = await server.CreateDatabaseAsync();

    /// <inheritdoc/>
    public virtual async Task DisposeAsync()
    {
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
    }
}
