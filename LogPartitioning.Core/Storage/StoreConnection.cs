using Npgsql;

namespace LogPartitioning.Core.Storage;

/// <summary>How this application speaks to its store, beside what the connection string says.</summary>
public static class StoreConnection
{
    // The store's text is UTF-8, and so is what the driver makes of it whatever the session is told: with another
    // encoding there, as PGCLIENTENCODING would ask for, the server takes each umlaut for two characters.
    private const string Encoding = "UTF8";

    /// <summary>Fixes the encoding, and how the database's part of a trace reads.</summary>
    public static void Configure(NpgsqlDataSourceBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.ConnectionStringBuilder.ClientEncoding = Encoding;
        builder.ConnectionStringBuilder.Encoding = Encoding;
        StoreSpans.Configure(builder);
    }
}
