using Aspire.Confluent.Kafka;
using Aspire.Hosting.ApplicationModel;
using Confluent.Kafka;

namespace Aspire.Hosting;

/// <summary>Adds Kafka brokers.</summary>
public static class KafkaBuilderExtensions
{
    private const int BrokerPort = 9092;
    private const int InternalPort = 9093;

    /// <summary>Adds a broker, alone in its cluster unless its environment says otherwise.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The name.</param>
    /// <param name="port">The port on this machine; null: any free one.</param>
    public static IResourceBuilder<KafkaServerResource> AddKafka(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, int? port = null)
    {
        KafkaServerResource kafka = new(name);
        string? address = null;
        builder.Eventing.Subscribe<ConnectionStringAvailableEvent>(
            kafka, async (_, cancellationToken) => address = await kafka.ConnectionStringExpression.GetValueAsync(cancellationToken));
        KafkaHealthCheck.Register(
            builder.Services,
            $"{name}_check",
            () => new ClientConfig { BootstrapServers = address ?? throw new InvalidOperationException($"The address of {name} is not known yet.") });
        return builder.AddResource(kafka)
            .WithEndpoint(targetPort: BrokerPort, port: port, name: KafkaServerResource.PrimaryEndpointName)
            .WithEndpoint(targetPort: InternalPort, name: KafkaServerResource.InternalEndpointName)
            .WithImage("confluentinc/confluent-local", "8.2.0")
            .WithEnvironment(context => ListenAlone(context.EnvironmentVariables, kafka))
            .WithHealthCheck($"{name}_check");
    }

    private static void ListenAlone(Dictionary<string, object> variables, KafkaServerResource kafka)
    {
        variables["KAFKA_LISTENERS"] =
            $"PLAINTEXT://localhost:29092,CONTROLLER://localhost:29093,PLAINTEXT_HOST://0.0.0.0:{BrokerPort},PLAINTEXT_INTERNAL://0.0.0.0:{InternalPort}";
        variables["KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"] =
            "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,PLAINTEXT_HOST:PLAINTEXT,PLAINTEXT_INTERNAL:PLAINTEXT";
        variables["KAFKA_ADVERTISED_LISTENERS"] = ReferenceExpression.Create(
            $"PLAINTEXT://localhost:29092,PLAINTEXT_HOST://localhost:{kafka.PrimaryEndpoint.Property(EndpointProperty.Port)},PLAINTEXT_INTERNAL://{kafka.Name}:{kafka.InternalEndpoint.Property(EndpointProperty.TargetPort)}");
    }
}
