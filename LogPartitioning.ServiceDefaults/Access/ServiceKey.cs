using System.Net.Http.Headers;
using Microsoft.Extensions.Options;

namespace LogPartitioning.ServiceDefaults.Access;

/// <summary>The key that this service shows to another one.</summary>
public sealed class ServiceKey
{
    private readonly IOptionsMonitor<ApiKeyOptions> _options;

    internal ServiceKey(IOptionsMonitor<ApiKeyOptions> options) => _options = options;

    /// <summary>Lets the request show this service's key, and none of the client's on whose behalf it is sent.</summary>
    public void ShowIn(HttpRequestMessage request)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.Headers.Remove(ShownKey.Header);
        request.Headers.Remove(ShownKey.SeqHeader);
        request.Headers.Authorization = _options.CurrentValue.ServiceKey is { Length: > 0 } key ? new AuthenticationHeaderValue("Bearer", key) : null;
    }
}
