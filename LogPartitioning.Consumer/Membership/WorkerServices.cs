using LogPartitioning.Consumer.Assignment;
using LogPartitioning.Consumer.DeadLetters;
using LogPartitioning.Consumer.Storage;
using LogPartitioning.Core.GroupState;
using LogPartitioning.Core.Kafka;

namespace LogPartitioning.Consumer.Membership;

/// <summary>What the workers of an instance share.</summary>
internal sealed record WorkerServices(
    ConsumerOptions Options,
    KafkaOptions Kafka,
    IPartitionStore Store,
    IDeadLetterSink DeadLetters,
    ConsumerClients Clients,
    TopicWatch Topic,
    LogProof Proof,
    RebalanceLog Rebalances,
    ConsumerMetrics Metrics,
    StoreStates Stores,
    TimeProvider Time,
    ILoggerFactory Loggers);
