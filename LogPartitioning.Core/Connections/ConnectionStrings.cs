using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Npgsql;
using StackExchange.Redis;

namespace LogPartitioning.Core.Connections;

/// <summary>
/// The connection strings as configuration gives them. Without these checks the client libraries refuse them where they are first
/// used, with a stack trace, and their words may show a part of a password.
/// </summary>
public static partial class ConnectionStrings
{
    private const string Prefix = "ConnectionStrings";
    private const string Owner = "logs_owner";
    private const string KafkaExample = "broker-1:9092,broker-2:9092";
    private const string LogsExample = "Host=db;Username=logs;Password=…;Database=logs";
    private const string RedisExample = "cache:6379,password=…";

    /// <summary>What is wrong with the brokers' addresses.</summary>
    public static IEnumerable<string> KafkaProblems(IConfiguration configuration)
    {
        if (Read(configuration, "kafka") is not { } value)
        {
            yield return Missing("kafka", KafkaExample);
        }
        else
        {
            foreach (var address in value.Split(',', StringSplitOptions.TrimEntries).Where(address => !IsAddress(address)))
            {
                yield return $"{Prefix}:kafka has an address that is not of the form host:port; it is \"{address}\".";
            }
        }
    }

    /// <summary>What is wrong with the connection strings of PostgreSQL.</summary>
    public static IEnumerable<string> LogsProblems(IConfiguration configuration)
    {
        var value = Read(configuration, "logs") ?? Given(configuration["Aspire:Npgsql:ConnectionString"]);
        if (value is null)
        {
            yield return Missing("logs", LogsExample);
        }
        else if (Refused(value, IsForPostgres))
        {
            yield return Unreadable("logs", "PostgreSQL", LogsExample);
        }

        if (LogsOwner(configuration) is { } owner && Refused(owner, IsForPostgres))
        {
            yield return Unreadable(Owner, "PostgreSQL", LogsExample);
        }
    }

    /// <summary>How the owner of the store's tables connects to PostgreSQL; null where the service is not told.</summary>
    public static string? LogsOwner(IConfiguration configuration) => Read(configuration, Owner);

    /// <summary>What is wrong with the connection string of Redis.</summary>
    public static IEnumerable<string> RedisProblems(IConfiguration configuration)
    {
        var value = Read(configuration, "redis") ?? Given(configuration["Aspire:StackExchange:Redis:ConnectionString"]);
        return value is null ? [Missing("redis", RedisExample)] : Refused(value, IsForRedis) ? [Unreadable("redis", "Redis", RedisExample)] : [];
    }

    private static string? Read(IConfiguration configuration, string name)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return Given(configuration.GetConnectionString(name));
    }

    private static string? Given(string? value) => string.IsNullOrWhiteSpace(value) ? null : value;

    private static bool IsAddress(string address)
    {
        var parts = Address().Match(address);
        return parts.Success
            && (!parts.Groups["port"].Success
                || (int.TryParse(parts.Groups["port"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65_535));
    }

    /// <summary>Made, which checks all of it, and connected to nobody.</summary>
    private static bool IsForPostgres(string value)
    {
        using var database = NpgsqlDataSource.Create(value);
        return true;
    }

    private static bool IsForRedis(string value) => ConfigurationOptions.Parse(value).EndPoints.Count > 0;

    private static bool Refused(string value, Func<string, bool> parse)
    {
        try
        {
            return !parse(value);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidOperationException or NotSupportedException or OverflowException)
        {
            return true;
        }
    }

    private static string Missing(string name, string example) =>
        $"{Prefix}:{name} (environment variable {Prefix}__{name}) is not set; for example \"{example}\".";

    private static string Unreadable(string name, string server, string example) =>
        $"{Prefix}:{name} is no connection string of {server}, such as \"{example}\". It is not shown here, since it may hold a password.";

    [GeneratedRegex(@"^([A-Za-z_]+://)?(\[[0-9A-Fa-f:.%]+\]|[^\s:/\[\],]+)(:(?<port>\d+))?\z")]
    private static partial Regex Address();
}
