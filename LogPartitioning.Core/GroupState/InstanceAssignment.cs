namespace LogPartitioning.Core.GroupState;

/// <summary>The workers of an instance, as the services' views show them.</summary>
public sealed record InstanceAssignment(string Instance, IReadOnlyList<WorkerPartitions> Workers);

/// <summary>The partitions of a worker.</summary>
public sealed record WorkerPartitions(int Worker, IReadOnlyList<int> Partitions);
