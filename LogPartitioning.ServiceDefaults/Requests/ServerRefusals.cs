using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

/// <summary>
/// What is no request that the server can hand on (a method or a header that HTTP does not know, too much of a head) it answers with
/// a status and nothing else, before any code of ours runs. It tells of it at that moment, and here the whole answer is written in
/// the place of its own: a problem, as every other refusal.
/// </summary>
/// <remarks>Not under TLS, where what goes over the connection is not the answer itself, nor with HTTP/2: there the status has to do.</remarks>
internal static class ServerRefusals
{
    private const string BadRequest = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    /// <summary>How much is read on, and how long, so that the answer is not lost in the reset of a connection on which the client still sends.</summary>
    private const int MaxDiscarded = 4 * 1024 * 1024;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_silence = TimeSpan.FromMilliseconds(250);

    /// <summary>Beginnings of what the server says, where it shows a part of the request only to a log that asks for it; and what that means.</summary>
    private static readonly (string Begin, string Rule)[] s_words =
    [
        ("Invalid request line", "The request line must be a method, a path and HTTP/1.1, in the characters that HTTP has for them."),
        ("Invalid request header", "A header must be a name, a colon and a value, in the characters that HTTP has for them."),
    ];

    public static void AddServerRefusals(this IServiceCollection services) => services.Configure<KestrelServerOptions>(static kestrel =>
        kestrel.ConfigureEndpointDefaults(static endpoint => endpoint.Use(static next => async connection =>
        {
            var transport = connection.Transport;
            var answers = new Answers(transport.Output);
            connection.Transport = new Duplex(transport.Input, answers);
            connection.Features.Set(answers);
            await next(connection);
            if (answers.IsReplaced)
            {
                await DiscardAsync(transport.Input, connection.ConnectionClosed);
            }
        })));

    public static void UseServerRefusals(this WebApplication app) =>
        app.Services.GetRequiredService<DiagnosticListener>().Subscribe(new Observer(), static (name, _, _) => name == BadRequest);

    private static async Task DiscardAsync(PipeReader input, CancellationToken closed)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(closed);
        patience.CancelAfter(s_patience);
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(patience.Token);
        try
        {
            long discarded = 0;
            while (discarded < MaxDiscarded)
            {
                silence.CancelAfter(s_silence);
                var read = await input.ReadAsync(silence.Token);
                discarded += read.Buffer.Length;
                input.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    return;
                }
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException)
        {
            // The answer is out; how the connection ends is of no matter.
        }
    }

    /// <summary>The whole answer as it goes over the connection.</summary>
    private static byte[] AnswerTo(Http.BadHttpRequestException refused)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new
        {
            type = "about:blank",
            title = ReasonPhrases.GetReasonPhrase(refused.StatusCode),
            status = refused.StatusCode,
            detail = DetailOf(refused),
        });
        var head = $"HTTP/1.1 {refused.StatusCode} {ReasonPhrases.GetReasonPhrase(refused.StatusCode)}\r\n"
            + $"Content-Type: application/problem+json\r\nContent-Length: {body.Length}\r\nConnection: close\r\nDate: {DateTimeOffset.UtcNow:R}\r\n\r\n";
        return [.. Encoding.ASCII.GetBytes(head), .. body];
    }

    private static string DetailOf(Http.BadHttpRequestException refused) => refused.StatusCode switch
    {
        StatusCodes.Status414UriTooLong => ServerLimits.RequestLineRule,
        StatusCodes.Status431RequestHeaderFieldsTooLarge => ServerLimits.HeadersRule,
        StatusCodes.Status505HttpVersionNotsupported => "The protocol must be HTTP/1.1 or HTTP/1.0.",
        StatusCodes.Status408RequestTimeout => ServerLimits.TimeRule,
        _ => s_words.FirstOrDefault(words => refused.Message.StartsWith(words.Begin, StringComparison.Ordinal)).Rule ?? refused.Message,
    };

    private sealed class Observer : IObserver<KeyValuePair<string, object?>>
    {
        public void OnNext(KeyValuePair<string, object?> value)
        {
            if (value.Value is IFeatureCollection request
                && request.Get<IBadRequestExceptionFeature>()?.Error is Http.BadHttpRequestException refused
                && request.Get<IHttpResponseFeature>() is { HasStarted: false }
                && request.Get<ITlsHandshakeFeature>() is null
                && request.Get<IHttp2StreamIdFeature>() is null
                && request.Get<Answers>() is { } answers)
            {
                answers.Replace(AnswerTo(refused));
            }
        }

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }
    }

    private sealed class Duplex(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }

    /// <summary>What the server writes to a connection, until an answer takes the place of its own.</summary>
    private sealed class Answers(PipeWriter connection) : PipeWriter
    {
        private const int ScratchBytes = 4096;

        private byte[]? _thrownAway;

        public bool IsReplaced => _thrownAway is not null;

        public override bool CanGetUnflushedBytes => connection.CanGetUnflushedBytes;

        public override long UnflushedBytes => connection.UnflushedBytes;

        /// <summary>Writes this answer; what the server writes from now on goes nowhere.</summary>
        public void Replace(ReadOnlySpan<byte> answer)
        {
            if (!IsReplaced)
            {
                connection.Write(answer);
                _thrownAway = new byte[ScratchBytes];
            }
        }

        public override Memory<byte> GetMemory(int sizeHint = 0) => IsReplaced ? Scratch(sizeHint) : connection.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => IsReplaced ? Scratch(sizeHint) : connection.GetSpan(sizeHint);

        public override void Advance(int bytes)
        {
            if (!IsReplaced)
            {
                connection.Advance(bytes);
            }
        }

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => connection.FlushAsync(cancellationToken);

        public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default) =>
            IsReplaced ? connection.FlushAsync(cancellationToken) : connection.WriteAsync(source, cancellationToken);

        public override void CancelPendingFlush() => connection.CancelPendingFlush();

        /// <summary>The end of the answers closes the connection: not before what is still sent was read on.</summary>
        public override void Complete(Exception? exception = null)
        {
            if (!IsReplaced)
            {
                connection.Complete(exception);
            }
        }

        public override ValueTask CompleteAsync(Exception? exception = null) => IsReplaced ? default : connection.CompleteAsync(exception);

        private byte[] Scratch(int sizeHint) => _thrownAway!.Length >= sizeHint ? _thrownAway : _thrownAway = new byte[sizeHint];
    }
}
