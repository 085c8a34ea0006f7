using System.Diagnostics;
using System.Net;
using LogPartitioning.ServiceDefaults;
using LogPartitioning.ServiceDefaults.Access;
using LogPartitioning.ServiceDefaults.Requests;
using Microsoft.Extensions.ServiceDiscovery.Http;
using Yarp.ReverseProxy.Forwarder;

namespace LogPartitioning.Gateway.Ingress;

/// <summary>The way to the producer: requests are streamed through, and sent again where that stores nothing twice.</summary>
/// <remarks>A POST whose answer was lost may have been written. Where the ids of its events are made of what was sent, it may come again; else only the client, which
/// knows its event ids, may send it again.</remarks>
internal sealed partial class ProducerClient : IDisposable
{
    private readonly IHttpForwarder _forwarder;
    private readonly HttpMessageInvoker _invoker;
    private readonly string _producer;
    private readonly long _maxBodyBytes;
    private readonly ForwarderRequestConfig _config;
    private readonly ServiceKey _key;
    private readonly Resending _resending;
    private readonly TimeProvider _time;
    private readonly ILogger<ProducerClient> _logger;

    public ProducerClient(
        IHttpForwarder forwarder,
        IServiceDiscoveryHttpMessageHandlerFactory discovery,
        GatewayOptions options,
        ServiceKey key,
        Resending resending,
        TimeProvider time,
        ILogger<ProducerClient> logger)
    {
        _forwarder = forwarder;
        _producer = options.Producer.TrimEnd('/');
        _maxBodyBytes = options.MaxBodyBytes;
        _config = new() { ActivityTimeout = options.ProducerTimeout };
        _key = key;
        (_resending, _time) = (resending, time);
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

    /// <summary>Streams the request to <paramref name="pathAndQuery"/> at the producer, once, and its answer back.</summary>
    public async Task<IResult> ForwardAsync(HttpContext context, string pathAndQuery)
    {
        var body = context.Request.Body;
        context.Request.Body = new BoundedBodyStream(body, _maxBodyBytes);
        var (result, failure) = await TryForwardAsync(context, pathAndQuery);
        context.Request.Body = body;
        return result ?? Unreachable(context, pathAndQuery, failure, RetryAfter.Soon);
    }

    /// <summary>Streams the request to <paramref name="pathAndQuery"/> at the producer, again and again where that is away, and its answer back. What the
    /// producer answers is the answer, whatever it is.</summary>
    /// <param name="context">The request. However often it comes, its events are stored once.</param>
    /// <param name="pathAndQuery">Where it goes.</param>
    /// <param name="retryAfter">When to try again where the producer does not come back in time.</param>
    public async Task<IResult> ForwardUntilAnsweredAsync(HttpContext context, string pathAndQuery, TimeSpan retryAfter)
    {
        var body = context.Request.Body;
        using var tries = _resending.NewTries();
        await using var kept = new KeptBody(new BoundedBodyStream(body, _maxBodyBytes), _resending);
        context.Request.Body = kept;
        try
        {
            while (true)
            {
                var (result, failure) = await TryForwardAsync(context, pathAndQuery);
                if (result is not null)
                {
                    return result;
                }

                if (!failure.MayResend || !kept.TryRewind() || !await tries.WaitAsync(context.RequestAborted))
                {
                    return Unreachable(context, pathAndQuery, failure, retryAfter);
                }

                // As before the try that failed.
                context.Response.StatusCode = StatusCodes.Status200OK;
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return Results.StatusCode(StatusCodes.Status499ClientClosedRequest);
        }
        finally
        {
            context.Request.Body = body;
        }
    }

    /// <summary>Asks the producer; null when it does not answer.</summary>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public async Task<HttpResponseMessage?> GetAsync(string pathAndQuery, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, _producer + pathAndQuery);
        var (response, failure) = await TrySendAsync(request, TimeSpan.FromSeconds(10), cancellationToken);
        if (response is null)
        {
            LogNotForwarded(_logger, request.RequestUri!.AbsolutePath, failure.Error, failure.Problem);
        }

        return response;
    }

    /// <summary>Sends it a body, again and again where it is away; null when it does not come back in time. However often it comes, its events are stored once.</summary>
    /// <inheritdoc cref="GetAsync"/>
    public async Task<HttpResponseMessage?> PostUntilAnsweredAsync(string path, byte[] body, string mediaType, CancellationToken cancellationToken)
    {
        using var tries = _resending.NewTries();
        while (true)
        {
            using var content = new ByteArrayContent(body) { Headers = { ContentType = new(mediaType) } };
            using var request = new HttpRequestMessage(HttpMethod.Post, _producer + path) { Content = content };
            var (response, failure) = await TrySendAsync(request, _config.ActivityTimeout!.Value, cancellationToken);
            if (response is not null)
            {
                return response;
            }

            if (!failure.MayResend || !await tries.WaitAsync(cancellationToken))
            {
                LogNotForwarded(_logger, path, failure.Error, failure.Problem);
                return null;
            }
        }
    }

    /// <returns>What the request is answered with; null where the producer gave no answer, and why.</returns>
    private async Task<(IResult? Result, Failure Failure)> TryForwardAsync(HttpContext context, string pathAndQuery)
    {
        var began = _time.GetTimestamp();
        var error = await _forwarder.SendAsync(
            context, _producer, _invoker, _config, new ToProducer(new Uri(_producer + pathAndQuery), _key), context.RequestAborted);
        if (error == ForwarderError.None)
        {
            return (Results.Empty, default);
        }

        var exception = context.Features.Get<IForwarderErrorFeature>()?.Exception;
        if (context.Response.HasStarted)
        {
            // Part of the answer is out: cutting the connection is the only way left to say that it is not whole.
            context.Abort();
            return (Results.Empty, default);
        }

        if (context.RequestAborted.IsCancellationRequested)
        {
            return (Results.StatusCode(StatusCodes.Status499ClientClosedRequest), default);
        }

        if (BadRequestOf(exception) is { } bad)
        {
            return (Refused(context, bad), default);
        }

        // Where it was silent for as long as it may be, it is there, and has the request.
        var isAway = error is ForwarderError.Request or ForwarderError.RequestBodyDestination or ForwarderError.ResponseBodyDestination
            || (error == ForwarderError.RequestTimedOut && _time.GetElapsedTime(began) < _config.ActivityTimeout);
        return (null, new(error, exception?.GetBaseException().Message, isAway));
    }

    private async Task<(HttpResponseMessage? Response, Failure Failure)> TrySendAsync(HttpRequestMessage request, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(patience);
        _key.ShowIn(request);
        try
        {
            var response = await _invoker.SendAsync(request, deadline.Token);
            await response.Content.LoadIntoBufferAsync(deadline.Token);
            return (response, default);
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return (null, new(ForwarderError.Request, e.GetBaseException().Message, MayResend: !deadline.IsCancellationRequested));
        }
    }

    /// <summary>The body does not keep the rules, was cut off, or had no place.</summary>
    private static IResult Refused(HttpContext context, BadHttpRequestException bad)
    {
        if (bad.StatusCode is not (StatusCodes.Status408RequestTimeout or StatusCodes.Status503ServiceUnavailable))
        {
            return Results.Problem(statusCode: bad.StatusCode, detail: bad.Message);
        }

        // Most clients take 408 as said for good, and drop what they have. Nothing of it was taken, and there may be room soon.
        context.Response.SetRetryAfter(RetryAfter.Soon);
        return Results.Problem(statusCode: StatusCodes.Status503ServiceUnavailable, detail: bad.Message);
    }

    private IResult Unreachable(HttpContext context, string pathAndQuery, Failure failure, TimeSpan retryAfter)
    {
        LogNotForwarded(_logger, pathAndQuery.Split('?')[0], failure.Error, failure.Problem);
        return Unreachable(context, retryAfter);
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

    /// <summary>Why there was no answer.</summary>
    /// <param name="Error">What kind of failure it is.</param>
    /// <param name="Problem">In the words of whoever found it.</param>
    /// <param name="MayResend">Whether the producer is away, and the same request may do better in a moment.</param>
    private readonly record struct Failure(ForwarderError Error, string? Problem, bool MayResend);

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
