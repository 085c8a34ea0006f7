using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;

namespace LogPartitioning.Tests.Standins;

/// <summary>What the model says, whoever implements it: the packages or their stand-ins.</summary>
public sealed class ModelTests
{
    [Fact]
    public async Task A_reference_carries_the_connection_string_and_its_parts()
    {
        await using var builder = DistributedApplicationTestingBuilder.Create();
        var redis = builder.AddRedis("live", password: builder.AddParameter("secret", "pass word", secret: true))
            .WithEndpoint("tcp", endpoint => endpoint.AllocatedEndpoint = new(endpoint, "localhost", 6380));
        var program = builder.AddExecutable("program", "true", ".").WithReference(redis);

        var environment = await EnvironmentOf(program.Resource, builder);

        Assert.Equal("localhost:6380,password=pass word", environment["ConnectionStrings__live"]);
        Assert.Equal("localhost", environment["LIVE_HOST"]);
        Assert.Equal("6380", environment["LIVE_PORT"]);
        Assert.Equal("pass word", environment["LIVE_PASSWORD"]);
        Assert.Equal("redis://:pass%20word@localhost:6380", environment["LIVE_URI"]);
    }

    [Fact]
    public async Task A_database_is_reached_through_its_server()
    {
        await using var builder = DistributedApplicationTestingBuilder.Create();
        var server = builder.AddPostgres("postgres", password: builder.AddParameter("secret", "p", secret: true))
            .WithEndpoint("tcp", endpoint => endpoint.AllocatedEndpoint = new(endpoint, "localhost", 5433));
        var program = builder.AddExecutable("program", "true", ".").WithReference(server.AddDatabase("logs"));

        var environment = await EnvironmentOf(program.Resource, builder);

        Assert.Equal("Host=localhost;Port=5433;Username=postgres;Password=p;Database=logs", environment["ConnectionStrings__logs"]);
        Assert.Equal("logs", environment["LOGS_DATABASENAME"]);
        Assert.Equal("postgresql://postgres:p@localhost:5433/logs", environment["LOGS_URI"]);
    }

    [Fact]
    public async Task An_endpoint_is_found_by_service_discovery_and_by_name()
    {
        await using var builder = DistributedApplicationTestingBuilder.Create();
        var web = builder.AddExecutable("the-web", "true", ".")
            .WithHttpEndpoint(port: 8099)
            .WithEndpoint("http", endpoint => endpoint.AllocatedEndpoint = new(endpoint, "localhost", 8099));
        var program = builder.AddExecutable("program", "true", ".")
            .WithReference(web.GetEndpoint("http"))
            .WithEnvironment("ADDRESS", $"{web.GetEndpoint("http").Property(EndpointProperty.HostAndPort)}/{{x}}");

        var environment = await EnvironmentOf(program.Resource, builder);

        Assert.Equal("http://localhost:8099", environment["services__the-web__http__0"]);
        Assert.Equal("http://localhost:8099", environment["THE_WEB_HTTP"]);
        Assert.Equal("localhost:8099/{x}", environment["ADDRESS"]);
    }

    [Fact]
    public async Task Of_two_callbacks_for_a_variable_the_later_one_wins()
    {
        await using var builder = DistributedApplicationTestingBuilder.Create();
        var kafka = builder.AddKafka("broker")
            .WithEndpoint("tcp", endpoint => endpoint.AllocatedEndpoint = new(endpoint, "localhost", 9099))
            .WithEnvironment("KAFKA_LISTENERS", "mine");

        var environment = await EnvironmentOf(kafka.Resource, builder);

        Assert.Equal("mine", environment["KAFKA_LISTENERS"]);
        Assert.Equal(
            "PLAINTEXT://localhost:29092,PLAINTEXT_HOST://localhost:9099,PLAINTEXT_INTERNAL://broker:9093",
            environment["KAFKA_ADVERTISED_LISTENERS"]);
    }

    [Theory]
    [InlineData("has space")]
    [InlineData("ends-")]
    [InlineData("two--hyphens")]
    [InlineData("1digit")]
    public void A_name_that_is_no_host_name_is_refused(string name)
    {
        using var builder = DistributedApplicationTestingBuilder.Create();

        Assert.Throws<ArgumentException>(() => builder.AddExecutable(name, "true", "."));
    }

    [Fact]
    public void Two_resources_cannot_share_a_name()
    {
        using var builder = DistributedApplicationTestingBuilder.Create();
        builder.AddExecutable("one", "true", ".");

        Assert.Throws<DistributedApplicationException>(() => builder.AddExecutable("ONE", "true", "."));
    }

    [Fact]
    public void An_image_keeps_its_registry_when_it_is_replaced()
    {
        using var builder = DistributedApplicationTestingBuilder.Create();
        var kafka = builder.AddKafka("broker").WithImage("confluentinc/cp-kafka", "8.2.0");

        Assert.True(kafka.Resource.TryGetContainerImageName(out var image));
        Assert.Equal("docker.io/confluentinc/cp-kafka:8.2.0", image);
    }

    [Fact]
    public async Task A_generated_password_has_the_length_and_kinds_that_were_asked_for()
    {
        await using var builder = DistributedApplicationTestingBuilder.Create();
        var parameter = builder.AddParameter(
            "secret", new GenerateParameterDefault { MinLength = 40, Special = false, MinNumeric = 5 }, secret: true);

        var value = await parameter.Resource.GetValueAsync(CancellationToken.None);

        Assert.NotNull(value);
        Assert.Equal(40, value.Length);
        Assert.All(value, character => Assert.True(char.IsAsciiLetterOrDigit(character)));
        Assert.True(value.Count(char.IsAsciiDigit) >= 5);
    }

    [Fact]
    public async Task A_parameter_without_a_value_names_its_setting()
    {
        await using var builder = DistributedApplicationTestingBuilder.Create();
        var parameter = builder.AddParameter("nobody-sets-this");

        var error = await Assert.ThrowsAsync<MissingParameterValueException>(
            async () => await parameter.Resource.GetValueAsync(CancellationToken.None));
        Assert.Contains("Parameters:nobody-sets-this", error.Message, StringComparison.Ordinal);
    }

    private static async Task<Dictionary<string, string>> EnvironmentOf(IResource resource, IDistributedApplicationBuilder builder)
    {
        var configuration = await ExecutionConfigurationBuilder.Create(resource)
            .WithEnvironmentVariablesConfig()
            .BuildAsync(builder.ExecutionContext);
        Assert.Null(configuration.Exception);
        return new(configuration.EnvironmentVariables);
    }
}
