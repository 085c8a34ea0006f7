using Microsoft.Extensions.Configuration;
using Npgsql;

namespace LogPartitioning.Core.Storage;

/// <summary>How this application speaks to its store, beside what the connection string says.</summary>
public static class StoreConnection
{
    // The store's text is UTF-8, and so is what the driver makes of it whatever the session is told: with another
    // encoding there, as PGCLIENTENCODING would ask for, the server takes each umlaut for two characters.
    private const string Encoding = "UTF8";

    /// <summary>
    /// Fixes the encoding, how many connections there are at most (<see cref="StoreOptions.MaxConnections"/>, or fewer where the
    /// connection string says so), and how the database's part of a trace reads. Who finds none free waits for as long as the
    /// connection string's <c>Timeout</c>, 15 s unless it is set.
    /// </summary>
    public static Action<NpgsqlDataSourceBuilder> Configure(IConfiguration configuration)
    {
        var most = StoreOptions.MaxConnectionsIn(configuration);
        return builder =>
        {
            Configure(builder);
            var settings = builder.ConnectionStringBuilder;
            settings.MaxPoolSize = Math.Min(settings.MaxPoolSize, most);
            settings.MinPoolSize = Math.Min(settings.MinPoolSize, settings.MaxPoolSize);
        };
    }

    /// <summary>The same without a bound, for who opens one at a time.</summary>
    internal static void Configure(NpgsqlDataSourceBuilder builder)
    {
        builder.ConnectionStringBuilder.ClientEncoding = Encoding;
        builder.ConnectionStringBuilder.Encoding = Encoding;
        StoreSpans.Configure(builder);
    }
}
