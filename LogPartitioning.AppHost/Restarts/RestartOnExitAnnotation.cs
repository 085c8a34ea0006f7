namespace LogPartitioning.AppHost.Restarts;

/// <summary>Marks a resource that is started again when it exits by itself.</summary>
internal sealed class RestartOnExitAnnotation : IResourceAnnotation;
