namespace Aspire.Hosting.ApplicationModel;

/// <summary>Has a value that may be known only later.</summary>
public interface IValueProvider
{
    /// <summary>The value, once it is known.</summary>
    ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default);

    /// <summary>The value as the asking resource sees it, once it is known.</summary>
    ValueTask<string?> GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken = default) =>
        GetValueAsync(cancellationToken);
}

/// <summary>Has an expression for a deployment manifest.</summary>
public interface IManifestExpressionProvider
{
    /// <summary>The expression, such as <c>{redis.bindings.tcp.port}</c>.</summary>
    string ValueExpression { get; }
}

/// <summary>Has a value and an expression for it.</summary>
public interface IExpressionValue : IValueProvider, IManifestExpressionProvider;

/// <summary>Refers to resources or to other values.</summary>
public interface IValueWithReferences
{
    /// <summary>What it refers to.</summary>
    IEnumerable<object> References { get; }
}

/// <summary>Who asks for a value, and from where.</summary>
public class ValueProviderContext
{
    /// <summary>What the application is doing.</summary>
    public DistributedApplicationExecutionContext? ExecutionContext { get; init; }

    /// <summary>The resource that asks.</summary>
    public IResource? Caller { get; init; }

    /// <summary>The network from which it looks; by default the one that the caller is on.</summary>
    public NetworkIdentifier? Network { get; init; }

    internal NetworkIdentifier EffectiveNetwork =>
        Network ?? (Caller?.IsContainer() == true
            ? KnownNetworkIdentifiers.DefaultAspireContainerNetwork
            : KnownNetworkIdentifiers.LocalhostNetwork);
}

/// <summary>Names a network.</summary>
/// <param name="Value">The name.</param>
public record NetworkIdentifier(string Value);

/// <summary>The networks that every application has.</summary>
public static class KnownNetworkIdentifiers
{
    /// <summary>This machine's own.</summary>
    public static readonly NetworkIdentifier LocalhostNetwork = new("localhost");

    /// <summary>The one that the application's containers share.</summary>
    public static readonly NetworkIdentifier DefaultAspireContainerNetwork = new("aspire-container-network");

    /// <summary>The Internet.</summary>
    public static readonly NetworkIdentifier PublicInternet = new(".");
}
