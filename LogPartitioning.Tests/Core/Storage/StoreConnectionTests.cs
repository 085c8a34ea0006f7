using System.ComponentModel.DataAnnotations;
using LogPartitioning.Core.Storage;
using Microsoft.Extensions.Configuration;
using Npgsql;

namespace LogPartitioning.Tests.Core.Storage;

public sealed class StoreConnectionTests
{
    [Theory]
    [InlineData("Host=db", null, 15)]
    [InlineData("Host=db", "40", 40)]
    [InlineData("Host=db;Maximum Pool Size=8", "40", 8)]
    [InlineData("Host=db;Maximum Pool Size=200;Minimum Pool Size=50", "40", 40)]
    [InlineData("Host=db", "none", 15)] // what stops the start, and need not break it before it is told
    public void A_service_opens_no_more_connections_than_it_may(string connectionString, string? setting, int most)
    {
        var builder = new NpgsqlDataSourceBuilder(connectionString);

        StoreConnection.Configure(new ConfigurationBuilder().AddInMemoryCollection([new("Store:MaxConnections", setting)]).Build())(builder);

        using var database = builder.Build();
        Assert.Equal(most, new NpgsqlConnectionStringBuilder(database.ConnectionString).MaxPoolSize);
    }

    [Theory]
    [InlineData(4, 1)]
    [InlineData(5, 0)]
    [InlineData(1000, 0)]
    [InlineData(1001, 1)]
    public void The_setting_has_a_range(int connections, int problems)
    {
        var options = new StoreOptions { MaxConnections = connections };

        Assert.Equal(problems, options.Validate(new ValidationContext(options)).Count());
    }
}
