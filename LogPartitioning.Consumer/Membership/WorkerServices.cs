using LogPartitioning.Consumer.DeadLetters;
using LogPartitioning.Core.GroupState;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Storage;

namespace LogPartitioning.Consumer.Membership;

/// <summary>What the workers of an instance share.</summary>
internal sealed record WorkerServices(
    ConsumerOptions Options,
    KafkaOptions Kafka,
    IPartitionStore Store,
    IDeadLetterSink DeadLetters,
    ConsumerClients Clients,
    RebalanceLog Rebalances,
    ConsumerMetrics Metrics,
    StoreStates Stores,
    TimeProvider Time,
    ILoggerFactory Loggers);
