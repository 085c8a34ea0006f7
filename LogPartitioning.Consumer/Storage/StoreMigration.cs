using LogPartitioning.Core.Connections;
using LogPartitioning.Core.Storage;
using Npgsql;

namespace LogPartitioning.Consumer.Storage;

/// <summary>
/// The program as <c>--migrate</c>: makes the store's tables, or moves them on, and ends. For a database whose owner's password no
/// service is to have.
/// </summary>
internal static class StoreMigration
{
    private const string Switch = "--migrate";
    private const int Failed = 1;

    /// <summary>Whether it was asked for.</summary>
    public static bool IsAskedFor(string[] arguments) => arguments.Contains(Switch);

    /// <summary>Does it, once.</summary>
    /// <returns>The exit code: 0 when the schema is this program's, 2 for a wrong connection string, 7 for a store that it cannot work with, else 1.</returns>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var builder = Host.CreateApplicationBuilder([.. arguments.Where(argument => argument != Switch)]);
        builder.Logging.AddFilter("Npgsql", LogLevel.Warning);
        if (ConnectionStrings.LogsProblems(builder.Configuration).ToList() is { Count: > 0 } problems)
        {
            problems.ForEach(Console.Error.WriteLine);
            return CheckedStart.InvalidSettingsExitCode;
        }

        builder.Services.AddSingleton(TimeProvider.System);
        builder.AddNpgsqlDataSource("logs", configureDataSourceBuilder: StoreConnection.Configure(builder.Configuration));
        builder.Services.AddLogStoreSchema();
        using var host = builder.Build();
        try
        {
            var schema = host.Services.GetRequiredService<LogStoreSchema>();
            await schema.EnsureAsync(CancellationToken.None);
            Console.WriteLine($"The log store is at version {schema.Version} of its schema.");
            return 0;
        }
        catch (StoreRefusedException e)
        {
            Console.Error.WriteLine(string.Join('\n', e.Problems));
            return CheckedStart.WrongStoreExitCode;
        }
        catch (Exception e) when (e is NpgsqlException or StoreNotReadyException)
        {
            Console.Error.WriteLine(e.Message);
            return Failed;
        }
    }
}
