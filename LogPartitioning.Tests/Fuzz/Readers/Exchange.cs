using System.IO.Pipelines;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace LogPartitioning.Tests.Fuzz.Readers;

/// <summary>One request and its answer, as the server hands it on.</summary>
internal sealed class Exchange : IHttpResponseFeature, IRequestBodyPipeFeature, IHttpRequestBodyDetectionFeature, IHttpMaxRequestBodySizeFeature
{
    private readonly CutBody _body;
    private readonly AnswerBody _answerBody;
    private readonly List<(Func<object, Task> Run, object State)> _starting = [];
    private readonly List<(Func<object, Task> Run, object State)> _completed = [];
    private long? _maxBody = 64 * 1024 * 1024;

    /// <param name="method">The method.</param>
    /// <param name="target">Path and query as they stand in the request line: ASCII without blanks.</param>
    /// <param name="headers">The headers.</param>
    /// <param name="body">The body; null when the request has none.</param>
    public Exchange(string method, string target, IHeaderDictionary? headers = null, CutBody? body = null)
    {
        _body = body ?? new(Array.Empty<byte>(), []);
        CanHaveBody = body is not null;
        _answerBody = new(new MemoryStream(), this);
        var query = target.IndexOf('?', StringComparison.Ordinal);
        var path = query < 0 ? target : target[..query];
        Features.Set<IHttpRequestFeature>(new HttpRequestFeature
        {
            Protocol = "HTTP/1.1",
            Scheme = "http",
            Method = method,
            // An encoded slash stays encoded, as the server has it.
            Path = string.Join("%2F", path.Split(["%2F", "%2f"], StringSplitOptions.None).Select(Uri.UnescapeDataString)),
            QueryString = query < 0 ? "" : target[query..],
            RawTarget = target,
            Headers = headers ?? new HeaderDictionary(),
            Body = _body.AsStream(),
        });
        Features.Set<IHttpResponseFeature>(this);
        Features.Set<IHttpResponseBodyFeature>(_answerBody);
        Features.Set<IRequestBodyPipeFeature>(this);
        Features.Set<IHttpRequestBodyDetectionFeature>(this);
        Features.Set<IHttpMaxRequestBodySizeFeature>(this);
        Features.Set<IHttpConnectionFeature>(new HttpConnectionFeature { LocalIpAddress = IPAddress.Loopback, RemoteIpAddress = IPAddress.Loopback });
    }

    public FeatureCollection Features { get; } = new();

    public int StatusCode { get; set; } = StatusCodes.Status200OK;

    public string? ReasonPhrase { get; set; }

    public IHeaderDictionary Headers { get; set; } = new HeaderDictionary();

    public bool HasStarted { get; private set; }

    /// <summary>The body of the answer.</summary>
    public ReadOnlyMemory<byte> Answer => AnswerStream.GetBuffer().AsMemory(0, (int)AnswerStream.Length);

    public string AnswerText => Encoding.UTF8.GetString(Answer.Span);

    private MemoryStream AnswerStream => (MemoryStream)_answerBody.Stream;

    Stream IHttpResponseFeature.Body
    {
        get => AnswerStream;
        set => throw new NotSupportedException();
    }

    PipeReader IRequestBodyPipeFeature.Reader => _body;

    public bool CanHaveBody { get; }

    bool IHttpMaxRequestBodySizeFeature.IsReadOnly => _body.HasBegun;

    long? IHttpMaxRequestBodySizeFeature.MaxRequestBodySize
    {
        get => _maxBody;
        set => _maxBody = _body.HasBegun ? throw new InvalidOperationException("The body was begun.") : value;
    }

    public void OnStarting(Func<object, Task> callback, object state) => _starting.Add((callback, state));

    public void OnCompleted(Func<object, Task> callback, object state) => _completed.Add((callback, state));

    /// <summary>Ends the answer.</summary>
    public async ValueTask EndAsync()
    {
        await _answerBody.CompleteAsync();
        await RunAsync(_completed);
    }

    private async Task StartAsync()
    {
        if (!HasStarted)
        {
            // The last that was added runs first.
            _starting.Reverse();
            await RunAsync(_starting);
            HasStarted = true;
        }
    }

    private static async Task RunAsync(List<(Func<object, Task> Run, object State)> callbacks)
    {
        foreach (var (run, state) in callbacks)
        {
            await run(state);
        }
    }

    private sealed class AnswerBody(Stream stream, Exchange exchange) : StreamResponseBodyFeature(stream)
    {
        public override async Task StartAsync(CancellationToken cancellationToken = default)
        {
            await exchange.StartAsync();
            await base.StartAsync(cancellationToken);
        }

        public override async Task CompleteAsync()
        {
            await exchange.StartAsync();
            await base.CompleteAsync();
        }
    }
}
