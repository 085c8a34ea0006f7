namespace Aspire.Hosting;

/// <summary>What the application is being built for.</summary>
public enum DistributedApplicationOperation
{
    /// <summary>To run here.</summary>
    Run,

    /// <summary>To be deployed elsewhere.</summary>
    Publish,
}

/// <summary>What an execution context is made from.</summary>
public class DistributedApplicationExecutionContextOptions
{
    /// <summary>Options for an operation.</summary>
    public DistributedApplicationExecutionContextOptions(DistributedApplicationOperation operation) => Operation = operation;

    /// <summary>Options for an operation by a named publisher.</summary>
    public DistributedApplicationExecutionContextOptions(DistributedApplicationOperation operation, string publisherName)
        : this(operation) => PublisherName = publisherName;

    /// <summary>The operation.</summary>
    public DistributedApplicationOperation Operation { get; }

    /// <summary>The publisher.</summary>
    public string? PublisherName { get; }

    /// <summary>The application's services.</summary>
    public IServiceProvider? ServiceProvider { get; set; }
}

/// <summary>What the application is being built for, and its services once it is built.</summary>
public class DistributedApplicationExecutionContext
{
    private readonly DistributedApplicationExecutionContextOptions? _options;

    /// <summary>A context for an operation.</summary>
    public DistributedApplicationExecutionContext(DistributedApplicationOperation operation)
        : this(operation, operation == DistributedApplicationOperation.Publish ? "manifest" : "")
    {
    }

    /// <summary>A context for an operation by a named publisher.</summary>
    public DistributedApplicationExecutionContext(DistributedApplicationOperation operation, string publisherName)
    {
        Operation = operation;
        PublisherName = publisherName;
    }

    /// <summary>A context from options.</summary>
    public DistributedApplicationExecutionContext(DistributedApplicationExecutionContextOptions options)
        : this(options?.Operation ?? throw new ArgumentNullException(nameof(options)), options.PublisherName ?? "") => _options = options;

    /// <summary>The operation.</summary>
    public DistributedApplicationOperation Operation { get; }

    /// <summary>The publisher.</summary>
    public string PublisherName { get; set; }

    /// <summary>It runs here.</summary>
    public bool IsRunMode => Operation == DistributedApplicationOperation.Run;

    /// <summary>It is deployed elsewhere.</summary>
    public bool IsPublishMode => Operation == DistributedApplicationOperation.Publish;

    /// <summary>The application's services.</summary>
    /// <exception cref="InvalidOperationException">The application is not built yet.</exception>
    public IServiceProvider ServiceProvider => _options?.ServiceProvider
        ?? throw new InvalidOperationException("IServiceProvider is not available because execution context was not constructed with DistributedApplicationExecutionContextOptions.");
}
