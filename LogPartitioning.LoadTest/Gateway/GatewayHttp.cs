using System.Net;
using System.Net.Http.Headers;

namespace LogPartitioning.LoadTest.Gateway;

/// <summary>Makes the client for a gateway.</summary>
internal static class GatewayHttp
{
    /// <summary>The environment variable with the key for the gateway; an argument would stand in the list of processes.</summary>
    public const string KeyVariable = "LOGPARTITIONING_API_KEY";

    private static readonly TimeSpan ProbeTime = TimeSpan.FromSeconds(10);

    /// <param name="gateway">The gateway's address; a path is kept.</param>
    /// <param name="handler">Carries the requests; a pooled one when null. Not disposed with the client when given.</param>
    /// <param name="key">The key to show; that of <see cref="KeyVariable"/> when null.</param>
    public static HttpClient Create(Uri gateway, HttpMessageHandler? handler = null, string? key = null)
    {
        var http = new HttpClient(
            handler ?? new SocketsHttpHandler
            {
                ConnectTimeout = TimeSpan.FromSeconds(5),
                // A proxy from the environment has no business between this program and the gateway on this machine.
                UseProxy = !gateway.IsLoopback,
                AllowAutoRedirect = false,
            },
            disposeHandler: handler is null)
        {
            BaseAddress = new Uri(gateway.AbsoluteUri.TrimEnd('/') + "/"),
            // Each request has its own time limit.
            Timeout = Timeout.InfiniteTimeSpan,
        };
        if ((key ?? Environment.GetEnvironmentVariable(KeyVariable)) is { Length: > 0 } shown)
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", shown);
        }

        return http;
    }

    /// <summary>Finds out before a run whether anybody answers, so that a forgotten start and a forgotten key are one clear message.</summary>
    /// <exception cref="GatewayException">Nobody answers there, or asks for a key.</exception>
    public static async Task RequireAsync(Uri gateway, CancellationToken cancellationToken, string? key = null)
    {
        using var http = Create(gateway, key: key);
        try
        {
            // Any answer will do, a 503 too: the run itself tells what works.
            using var answer = await http.GetAsync(new Uri("alive", UriKind.Relative), cancellationToken).WaitAsync(ProbeTime, cancellationToken);
            // No such path, which is told to whoever has a key.
            using var known = await http.GetAsync(new Uri("api", UriKind.Relative), cancellationToken).WaitAsync(ProbeTime, cancellationToken);
            if (known.StatusCode is HttpStatusCode.Unauthorized)
            {
                throw new GatewayException($"The gateway at {gateway.GetLeftPart(UriPartial.Authority)} asks for a key: set {KeyVariable} to one that it knows.", new HttpRequestException("401"));
            }
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutException)
        {
            throw new GatewayException(
                $"The gateway at {gateway.GetLeftPart(UriPartial.Authority)} does not answer ({e.InnerException?.Message ?? e.Message}). "
                + "Start the system with ./run.sh, or name another gateway with --gateway.", e);
        }
    }
}
