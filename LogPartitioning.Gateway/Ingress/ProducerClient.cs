using System.Diagnostics;
using System.Net;
using LogPartitioning.ServiceDefaults;
using LogPartitioning.ServiceDefaults.Access;
using LogPartitioning.ServiceDefaults.Requests;
using Microsoft.Extensions.ServiceDiscovery.Http;
using Yarp.ReverseProxy.Forwarder;

namespace LogPartitioning.Gateway.Ingress;

/// <summary>The way to the producer: requests are streamed through, and never repeated by the gateway.</summary>
/// <remarks>A POST whose answer was lost may have been written; only the client, which knows its event ids, may send it again.</remarks>
internal sealed partial class ProducerClient : IDisposable
{
    private readonly IHttpForwarder _forwarder;
    private readonly HttpMessageInvoker _invoker;
    private readonly string _producer;
    private readonly long _maxBodyBytes;
    private readonly ForwarderRequestConfig _config;
    private readonly ServiceKey _key;
    private readonly ILogger<ProducerClient> _logger;

    public ProducerClient(
        IHttpForwarder forwarder,
        IServiceDiscoveryHttpMessageHandlerFactory discovery,
        GatewayOptions options,
        ServiceKey key,
        ILogger<ProducerClient> logger)
    {
        _forwarder = forwarder;
        _producer = options.Producer.TrimEnd('/');
        _maxBodyBytes = options.MaxBodyBytes;
        _config = new() { ActivityTimeout = options.ProducerTimeout };
        _key = key;
        _logger = logger;
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            EnableMultipleHttp2Connections = true,
            // The client's traceparent is among the headers passed on; the producer must see the gateway's own instead.
            ActivityHeadersPropagator = new ReverseProxyPropagator(DistributedContextPropagator.Current),
            ConnectTimeout = TimeSpan.FromSeconds(5),
            // A producer that moved is found again.
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        };
        _invoker = new(discovery.CreateHandler(handler), disposeHandler: true);
    }

    /// <summary>Streams the request to <paramref name="pathAndQuery"/> at the producer, and its answer back.</summary>
    /// <param name="context">The request.</param>
    /// <param name="pathAndQuery">Where it goes.</param>
    /// <param name="retryAfter">When to try again where the producer does not answer; null: soon.</param>
    public async Task<IResult> ForwardAsync(HttpContext context, string pathAndQuery, TimeSpan? retryAfter = null)
    {
        var body = context.Request.Body;
        context.Request.Body = new BoundedBodyStream(body, _maxBodyBytes);
        var error = await _forwarder.SendAsync(
            context, _producer, _invoker, _config, new ToProducer(new Uri(_producer + pathAndQuery), _key), context.RequestAborted);
        context.Request.Body = body;
        if (error == ForwarderError.None)
        {
            return Results.Empty;
        }

        var exception = context.Features.Get<IForwarderErrorFeature>()?.Exception;
        if (context.Response.HasStarted)
        {
            // Part of the answer is out: cutting the connection is the only way left to say that it is not whole.
            context.Abort();
            return Results.Empty;
        }

        if (context.RequestAborted.IsCancellationRequested)
        {
            return Results.StatusCode(StatusCodes.Status499ClientClosedRequest);
        }

        if (BadRequestOf(exception) is { } bad)
        {
            return Results.Problem(statusCode: bad.StatusCode, detail: bad.Message);
        }

        LogNotForwarded(_logger, pathAndQuery.Split('?')[0], error, exception?.GetBaseException().Message);
        return Unreachable(context, retryAfter);
    }

    /// <summary>Asks the producer; null when it does not answer.</summary>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public async Task<HttpResponseMessage?> GetAsync(string pathAndQuery, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, _producer + pathAndQuery);
        return await SendAsync(request, TimeSpan.FromSeconds(10), cancellationToken);
    }

    /// <summary>Sends it a body, once; null when it does not answer.</summary>
    /// <inheritdoc cref="GetAsync"/>
    public async Task<HttpResponseMessage?> PostAsync(string path, HttpContent content, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _producer + path) { Content = content };
        return await SendAsync(request, _config.ActivityTimeout!.Value, cancellationToken);
    }

    private async Task<HttpResponseMessage?> SendAsync(HttpRequestMessage request, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(patience);
        _key.ShowIn(request);
        try
        {
            var response = await _invoker.SendAsync(request, deadline.Token);
            await response.Content.LoadIntoBufferAsync(deadline.Token);
            return response;
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            LogNotForwarded(_logger, request.RequestUri!.AbsolutePath, ForwarderError.Request, e.GetBaseException().Message);
            return null;
        }
    }

    /// <summary>503: nothing was accepted, or nobody knows; with the time after which to try again.</summary>
    public static IResult Unreachable(HttpContext context, TimeSpan? retryAfter = null)
    {
        context.Response.SetRetryAfter(retryAfter ?? RetryAfter.Soon);
        return Results.Problem(
            statusCode: StatusCodes.Status503ServiceUnavailable,
            detail: "The producer does not answer. Events that carry their own id can be sent again without being stored twice.");
    }

    public void Dispose() => _invoker.Dispose();

    private static BadHttpRequestException? BadRequestOf(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is BadHttpRequestException bad)
            {
                return bad;
            }

            if (exception is AggregateException aggregate)
            {
                return aggregate.Flatten().InnerExceptions.Select(BadRequestOf).FirstOrDefault(found => found is not null);
            }
        }

        return null;
    }

    [LoggerMessage(4010, LogLevel.Warning, "{Path} did not get through to the producer: {Error}, {Problem}")]
    private static partial void LogNotForwarded(ILogger logger, string path, ForwarderError error, string? problem);

    private sealed class ToProducer(Uri target, ServiceKey key) : HttpTransformer
    {
        public override async ValueTask TransformRequestAsync(
            HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
        {
            await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
            proxyRequest.RequestUri = target;
            proxyRequest.Headers.Host = null;
            key.ShowIn(proxyRequest);
        }

        public override async ValueTask<bool> TransformResponseAsync(
            HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
        {
            var whole = await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
            httpContext.Response.Headers.Remove("Server");
            return whole;
        }
    }
}
