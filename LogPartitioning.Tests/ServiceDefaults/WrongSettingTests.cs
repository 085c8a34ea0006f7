using System.Net;
using System.Net.Sockets;
using LogPartitioning.Tests.Processes;
using Microsoft.Extensions.Hosting;

namespace LogPartitioning.Tests.ServiceDefaults;

/// <summary>The services as processes of their own, with a setting that is wrong: a line each, the exit code, and no stack trace.</summary>
[Trait("Category", "Slow")]
public sealed class WrongSettingTests
{
    private const string Secret = "hunter2";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("Consumer", "Consumer__BatchSize=many", "Consumer:BatchSize")]
    [InlineData("Consumer", "Consumer__Instance=a/b", "Consumer:Instance must have at most 200 characters, none of them a slash or a control character")]
    [InlineData("Producer", "Partitioning__SplitSources__web__01=4", "Partitioning:SplitSources:0:Source=web:01 and Partitioning:SplitSources:0:Keys=4.")]
    [InlineData("Gateway", "Gateway__Producer=nowhere", "Gateway:Producer")]
    [InlineData("Gateway", "ASPNETCORE_URLS=8080", "ASPNETCORE_URLS (or --urls) must be addresses such as http://0.0.0.0:8080")]
    [InlineData("Producer", "ASPNETCORE_URLS=http://192.0.2.1:8099", "It cannot listen on http://192.0.2.1:8099: Cannot assign requested address.")]
    [InlineData("Producer", "Logging__LogLevel__Default=Lots", "Lots")]
    [InlineData("Producer", "Kestrel__Endpoints__Here__Url=nowhere", "nowhere")]
    [InlineData("Producer", "ConnectionStrings__kafka=", "ConnectionStrings:kafka (environment variable ConnectionStrings__kafka) is not set")]
    [InlineData("Consumer", "ConnectionStrings__kafka=broker-1:9092,broker 2:9092", "ConnectionStrings:kafka has an address that is not of the form host:port; it is \"broker 2:9092\".")]
    [InlineData("Consumer", "ConnectionStrings__logs=Hots=db;Password=" + Secret, "ConnectionStrings:logs is no connection string of PostgreSQL")]
    [InlineData("Gateway", "ConnectionStrings__logs=postgres://logs:" + Secret + "@db/logs", "ConnectionStrings:logs is no connection string of PostgreSQL")]
    [InlineData("Consumer", "ConnectionStrings__logs_owner=Hots=db;Password=" + Secret, "ConnectionStrings:logs_owner is no connection string of PostgreSQL")]
    [InlineData("Gateway", "ConnectionStrings__redis=cache:6379,pasword=" + Secret, "ConnectionStrings:redis is no connection string of Redis")]
    [InlineData("Consumer", "ConnectionStrings__redis=", "ConnectionStrings:redis (environment variable ConnectionStrings__redis) is not set")]
    public async Task A_wrong_setting_is_a_line_and_an_exit_code(string service, string variable, string line)
    {
        using var program = Start(service, variable);

        Assert.Equal(CheckedStart.InvalidSettingsExitCode, await program.WaitForExitAsync(s_patience));
        AssertTold(program.Output, line);
        Assert.DoesNotContain(Secret, program.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_taken_port_is_a_line_and_an_exit_code_of_its_own()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        using var program = Start("Producer", $"ASPNETCORE_URLS=http://{taken.LocalEndpoint}");

        Assert.Equal(CheckedStart.AddressInUseExitCode, await program.WaitForExitAsync(s_patience));
        AssertTold(program.Output, $"Failed to bind to address http://{taken.LocalEndpoint}: address already in use.");
    }

    [Fact]
    public async Task The_name_of_a_service_may_hold_a_slash()
    {
        using var program = Start("Consumer", "OTEL_SERVICE_NAME=shop/checkout");

        await Eventually.TrueAsync("a consumer that has started", () => program.Output.Contains("Application started", StringComparison.Ordinal), s_patience);
    }

    private static void AssertTold(string output, string line)
    {
        var told = output.Replace("\\u0022", "\"", StringComparison.Ordinal);
        Assert.Contains("The service does not start.", told, StringComparison.Ordinal);
        Assert.Contains(line, told, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", told, StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled exception", told, StringComparison.Ordinal);
    }

    private static ChildProgram Start(string service, string variable)
    {
        var parts = variable.Split('=', 2);
        var environment = new Dictionary<string, string>
        {
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
            ["ConnectionStrings__kafka"] = "127.0.0.1:1",
            ["ConnectionStrings__logs"] = "Host=127.0.0.1;Port=1;Username=nobody;Database=nothing;Timeout=1",
            ["ConnectionStrings__redis"] = "127.0.0.1:1,abortConnect=false",
            ["Consumer__LastScrapeWait"] = "00:00:00",
            // Without keys an address beyond loopback is refused before it is tried.
            ["ApiKeys__TrustedNetwork"] = "true",
            [parts[0]] = parts[1],
        };
        // Where the build put it, in the configuration and framework of this test.
        var folder = AppContext.BaseDirectory.Replace("LogPartitioning.Tests", $"LogPartitioning.{service}", StringComparison.Ordinal);
        return ChildProgram.Start(Path.Combine(folder, $"LogPartitioning.{service}"), [], environment);
    }
}
