using System.Net;

namespace LogPartitioning.ServiceDefaults.OwnLogs;

/// <summary>
/// Sends a request with own logs: with this service's key, marked as what it is, and again while nobody takes it. What comes again is stored once, since ids are
/// made of its bytes.
/// </summary>
/// <param name="link">The service, once it has started. When it stops nothing is tried again.</param>
/// <param name="patience">How long it is tried.</param>
internal sealed class OwnLogsHandler(OwnLogsLink link, TimeSpan patience) : DelegatingHandler
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    /// <summary>The exporter sends from a thread of its own, which waits.</summary>
    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.TryAddWithoutValidation(OwnLogsMark.Header, OwnLogsMark.Baggage);
        var begin = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var service = link.Now;
            var again = service?.Stopping.IsCancellationRequested != true && TimeProvider.System.GetElapsedTime(begin) < patience;
            try
            {
                var response = Send(request, service ?? throw new HttpRequestException("The service has not started."), cancellationToken);
                if (!again || response.StatusCode is not (HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout))
                {
                    return response;
                }

                response.Dispose();
            }
            catch (HttpRequestException) when (again)
            {
                // Nobody listens there, or not yet.
            }

            (service?.Stopping ?? cancellationToken).WaitHandle.WaitOne(s_pause);
        }
    }

    private HttpResponseMessage Send(HttpRequestMessage request, OwnLogsLink.Started service, CancellationToken cancellationToken)
    {
        service.Key.ShowIn(request);
        return base.Send(request, cancellationToken);
    }
}
