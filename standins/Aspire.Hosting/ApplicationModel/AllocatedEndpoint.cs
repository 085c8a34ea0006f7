using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Where an endpoint can be reached.</summary>
public class AllocatedEndpoint
{
    /// <summary>Describes where an endpoint can be reached.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="address">The host.</param>
    /// <param name="port">The port, 1 to 65535.</param>
    /// <param name="targetPortExpression">What the process itself listens on, when that is another port.</param>
    /// <exception cref="ArgumentOutOfRangeException">The port is out of range.</exception>
    public AllocatedEndpoint(EndpointAnnotation endpoint, string address, int port, string? targetPortExpression = null)
        : this(endpoint, address, port, EndpointBindingMode.SingleAddress, targetPortExpression)
    {
    }

    /// <inheritdoc cref="AllocatedEndpoint(EndpointAnnotation, string, int, string?)"/>
    public AllocatedEndpoint(
        EndpointAnnotation endpoint, string address, int port, EndpointBindingMode bindingMode, string? targetPortExpression = null)
        : this(endpoint, address, port, bindingMode, targetPortExpression, null)
    {
    }

    /// <inheritdoc cref="AllocatedEndpoint(EndpointAnnotation, string, int, string?)"/>
    public AllocatedEndpoint(
        EndpointAnnotation endpoint,
        string address,
        int port,
        EndpointBindingMode bindingMode,
        string? targetPortExpression = null,
        NetworkIdentifier? networkId = null)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentOutOfRangeException.ThrowIfLessThan(port, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, 65535);
        Endpoint = endpoint;
        Address = address;
        Port = port;
        BindingMode = bindingMode;
        TargetPortExpression = targetPortExpression;
        NetworkID = networkId ?? endpoint.DefaultNetworkID;
    }

    /// <summary>The endpoint.</summary>
    public EndpointAnnotation Endpoint { get; }

    /// <summary>The host.</summary>
    public string Address { get; }

    /// <summary>Which addresses the process binds.</summary>
    public EndpointBindingMode BindingMode { get; }

    /// <summary>The port.</summary>
    public int Port { get; }

    /// <summary>The scheme.</summary>
    public string UriScheme => Endpoint.UriScheme;

    /// <summary>Host and port.</summary>
    public string EndPointString => $"{Address}:{Port}";

    /// <summary>Scheme, host and port.</summary>
    public string UriString => $"{UriScheme}://{EndPointString}";

    /// <summary>What the process itself listens on.</summary>
    public string? TargetPortExpression { get; }

    /// <summary>The network on which it can be reached so.</summary>
    public NetworkIdentifier NetworkID { get; }

    /// <inheritdoc/>
    public override string ToString() => UriString;
}

/// <summary>Which addresses a process binds.</summary>
public enum EndpointBindingMode
{
    /// <summary>One address.</summary>
    SingleAddress,

    /// <summary>All addresses of both families.</summary>
    DualStackAnyAddresses,

    /// <summary>All IPv4 addresses.</summary>
    IPv4AnyAddresses,

    /// <summary>All IPv6 addresses.</summary>
    IPv6AnyAddresses,
}

/// <summary>A value that is set once or again; who asks before waits.</summary>
public sealed class ValueSnapshot<T>
    where T : notnull
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource<T> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task<T>? _latest;

    /// <summary>It was set at least once.</summary>
    public bool IsValueSet => _first.Task.IsCompleted;

    /// <summary>The latest value, once there is one.</summary>
    public Task<T> GetValueAsync(CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            return _latest ?? _first.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Sets the value.</summary>
    public void SetValue(T value)
    {
        lock (_gate)
        {
            if (!_first.TrySetResult(value))
            {
                _latest = Task.FromResult(value);
            }
        }
    }

    /// <summary>Makes asking for the value fail.</summary>
    public void SetException(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        lock (_gate)
        {
            if (!_first.TrySetException(exception))
            {
                _latest = Task.FromException<T>(exception);
            }
        }
    }
}

/// <summary>Where an endpoint can be reached on one network.</summary>
public record NetworkEndpointSnapshot(ValueSnapshot<AllocatedEndpoint> Snapshot, NetworkIdentifier NetworkID);

/// <summary>Where an endpoint can be reached, per network.</summary>
public class NetworkEndpointSnapshotList : IEnumerable<NetworkEndpointSnapshot>
{
    private readonly Lock _gate = new();
    private readonly List<NetworkEndpointSnapshot> _snapshots = [];

    /// <summary>Sets where the endpoint can be reached on a network.</summary>
    public void AddOrUpdateAllocatedEndpoint(NetworkIdentifier networkId, AllocatedEndpoint endpoint)
    {
        if (endpoint.NetworkID != networkId)
        {
            throw new ArgumentException($"AllocatedEndpoint must use the same network as the {nameof(networkId)} parameter", nameof(endpoint));
        }

        For(networkId).SetValue(endpoint);
    }

    /// <summary>Where the endpoint can be reached on a network, once that is known.</summary>
    public Task<AllocatedEndpoint> GetAllocatedEndpointAsync(NetworkIdentifier networkId, CancellationToken cancellationToken = default) =>
        For(networkId).GetValueAsync(cancellationToken);

    /// <inheritdoc/>
    public IEnumerator<NetworkEndpointSnapshot> GetEnumerator()
    {
        lock (_gate)
        {
            return _snapshots.ToList().GetEnumerator();
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal bool TryGet(NetworkIdentifier networkId, [NotNullWhen(true)] out AllocatedEndpoint? endpoint)
    {
        var known = For(networkId);
        endpoint = known.IsValueSet ? known.GetValueAsync().GetAwaiter().GetResult() : null;
        return endpoint is not null;
    }

    internal ValueSnapshot<AllocatedEndpoint> For(NetworkIdentifier networkId)
    {
        lock (_gate)
        {
            var found = _snapshots.Find(snapshot => snapshot.NetworkID == networkId);
            if (found is null)
            {
                _snapshots.Add(found = new(new(), networkId));
            }

            return found.Snapshot;
        }
    }
}
