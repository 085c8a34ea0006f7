namespace LogPartitioning.LoadTest.Sending;

/// <summary>Makes the client for a gateway.</summary>
internal static class GatewayHttp
{
    /// <param name="gateway">The gateway's address; a path is kept.</param>
    /// <param name="handler">Carries the requests; a pooled one when null. Not disposed with the client when given.</param>
    public static HttpClient Create(Uri gateway, HttpMessageHandler? handler = null)
    {
        var address = gateway.AbsoluteUri.EndsWith('/') ? gateway : new Uri(gateway.AbsoluteUri + "/");
        return new HttpClient(
            handler ?? new SocketsHttpHandler
            {
                ConnectTimeout = TimeSpan.FromSeconds(5),
                // A proxy from the environment has no business between this program and the gateway on this machine.
                UseProxy = !gateway.IsLoopback,
                AllowAutoRedirect = false,
            },
            disposeHandler: handler is null)
        {
            BaseAddress = address,
            // Each request has its own time limit.
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }
}
