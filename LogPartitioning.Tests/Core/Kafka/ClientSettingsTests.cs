using Confluent.Kafka;
using LogPartitioning.Core.Kafka;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace LogPartitioning.Tests.Core.Kafka;

public sealed class ClientSettingsTests
{
    private const string Secret = "hunter2";

    [Fact]
    public void Names_of_the_client_library_set_every_client()
    {
        var settings = Read(
            ("SecurityProtocol", "SaslSsl"), ("saslmechanism", "ScramSha512"), ("SaslUsername", "logs"), ("SaslPassword", Secret), ("SslCaLocation", "/ca.crt"), ("SocketTimeoutMs", "20000"));
        Assert.Empty(settings.Problems);
        var config = new ProducerConfig();
        settings.Apply(config);
        Assert.Equal(
            (SecurityProtocol.SaslSsl, SaslMechanism.ScramSha512, "logs", Secret, "/ca.crt", 20_000),
            (config.SecurityProtocol!.Value, config.SaslMechanism!.Value, config.SaslUsername, config.SaslPassword, config.SslCaLocation, config.SocketTimeoutMs!.Value));
    }

    [Fact]
    public void Names_and_values_of_the_native_library_do_the_same()
    {
        var settings = Read(("security.protocol", "SASL_SSL"), ("sasl.mechanism", "SCRAM-SHA-512"), ("ssl.ca.location", "/ca.crt"), ("SaslUsername", ""));
        Assert.Empty(settings.Problems);
        var config = new ConsumerConfig();
        settings.Apply(config);
        Assert.Equal(
            (SecurityProtocol.SaslSsl, SaslMechanism.ScramSha512, "/ca.crt", null),
            (config.SecurityProtocol!.Value, config.SaslMechanism!.Value, config.SslCaLocation, config.SaslUsername));
    }

    [Fact]
    public void Every_setting_of_all_clients_is_known_or_refused_with_a_reason()
    {
        foreach (var property in typeof(ClientConfig).GetProperties().Where(property => property.DeclaringType == typeof(ClientConfig) && property.CanWrite))
        {
            var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            var value = type.IsEnum ? Enum.GetNames(type)[0] : type == typeof(bool) ? "true" : "1";
            Assert.All(Read((property.Name, value)).Problems, problem => Assert.Contains("must not be set: ", problem, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("BootstrapServers", "a:9092", "the brokers' addresses are ConnectionStrings:kafka")]
    [InlineData("bootstrap.servers", "a:9092", "the brokers' addresses are ConnectionStrings:kafka")]
    [InlineData("clientid", "mine", "the services name their clients")]
    [InlineData("Acks", "Leader", "all replicas in sync")]
    [InlineData("acks", "1", "all replicas in sync")]
    [InlineData("max.in.flight", "100", "the order of a key")]
    [InlineData("MessageMaxBytes", "100", "the rules of an event")]
    [InlineData("allow.auto.create.topics", "true", "create their topics themselves")]
    [InlineData("ApiVersionRequest", "false", "Kafka:BrokerVersion")]
    [InlineData("GroupId", "mine", "one kind of client")]
    [InlineData("EnableAutoCommit", "true", "one kind of client")]
    [InlineData("isolation.level", "read_committed", "one kind of client")]
    [InlineData("EnableIdempotence", "false", "one kind of client")]
    [InlineData("enable.idempotence", "false", "one kind of client")]
    public void What_the_services_decide_is_refused_with_the_reason(string name, string value, string reason)
    {
        var problem = Assert.Single(Read((name, value)).Problems);
        Assert.StartsWith($"Kafka:Client:{name} must not be set: ", problem, StringComparison.Ordinal);
        Assert.Contains(reason, problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SecurityProtocol", "tls", "must be one of Plaintext, Ssl, SaslPlaintext, SaslSsl; it is \"tls\".")]
    [InlineData("SecurityProtocol", "3", "must be one of Plaintext, Ssl, SaslPlaintext, SaslSsl; it is \"3\".")]
    [InlineData("SocketTimeoutMs", "1s", "must be a whole number; it is \"1s\".")]
    [InlineData("EnableSslCertificateVerification", "maybe", "must be true or false; it is \"maybe\".")]
    [InlineData("SaslUser", Secret, "is no setting of the client library that all clients have; see ClientConfig of Confluent.Kafka for their names.")]
    public void A_wrong_name_or_value_is_named_with_the_rule(string name, string value, string rule) =>
        Assert.Equal([$"Kafka:Client:{name} {rule}"], Read((name, value)).Problems);

    [Fact]
    public void A_setting_under_both_of_its_names_is_refused() => Assert.Equal(
        ["Kafka:Client:ssl.ca.location and Kafka:Client:SslCaLocation are the same setting; leave one out."],
        Read(("SslCaLocation", "/a"), ("ssl.ca.location", "/b")).Problems);

    [Theory]
    [InlineData("SslCaLocation", "/nowhere/ca.crt", "Kafka:Client:SslCaLocation must be the path of a file that this service may read; there is none at \"/nowhere/ca.crt\".")]
    [InlineData("SslKeyPem", Secret, "Kafka:Client:SslKeyPem is refused by the client library: ")]
    [InlineData("sasl.mechanism", "ScramSha512", "Kafka:Client is refused by the client library: sasl.username and sasl.password must be set", "SecurityProtocol", "SaslSsl")]
    [InlineData("SocketTimeoutMs", "1", "Kafka:Client:SocketTimeoutMs is refused by the client library: ")]
    public void What_the_client_library_refuses_stops_the_start_with_the_setting_and_without_a_secret(
        string name, string value, string problem, string? otherName = null, string otherValue = "")
    {
        var options = Options(
            ("Kafka:Client:SecurityProtocol", "Ssl"), ($"Kafka:Client:{name}", value), ($"Kafka:Client:{otherName ?? "SecurityProtocol"}", otherName is null ? "Ssl" : otherValue));
        var found = Assert.Single(Assert.Throws<OptionsValidationException>(() => options.Value).Failures);
        Assert.StartsWith(problem, found, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, found, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_they_stood_before_and_names_in_parts_they_are_refused_with_the_right_name()
    {
        var options = Options(
            ("Aspire:Confluent:Kafka:Consumer:Config:SaslPassword", Secret), ("Aspire:Confluent:Kafka:Producer:Config:SecurityProtocol", "Ssl"), ("Kafka:Client:Sasl:Password", Secret),
            ("Aspire:Confluent:Kafka:Producer:DisableMetrics", "true"));
        Assert.Equal(
            [
                "Kafka:Client:Sasl:Password is no setting: names of client settings have one part, as in Kafka:Client:Sasl.",
                "Aspire:Confluent:Kafka:Consumer:Config:SaslPassword is not read: what every client of every service needs is set in one place, Kafka:Client:SaslPassword.",
                "Aspire:Confluent:Kafka:Producer:Config:SecurityProtocol is not read: what every client of every service needs is set in one place, Kafka:Client:SecurityProtocol.",
            ],
            Assert.Throws<OptionsValidationException>(() => options.Value).Failures);
    }

    private static ClientSettings Read(params (string Name, string Value)[] settings) =>
        ClientSettings.Of(new KafkaOptions { Client = settings.ToDictionary(setting => setting.Name, setting => setting.Value) });

    private static IOptions<KafkaOptions> Options(params (string Name, string Value)[] settings)
    {
        var configuration = new Dictionary<string, string?>();
        foreach (var (name, value) in settings)
        {
            configuration[name] = value;
        }

        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(configuration).Build());
        services.AddKafkaOptions();
        return services.BuildServiceProvider().GetRequiredService<IOptions<KafkaOptions>>();
    }
}
