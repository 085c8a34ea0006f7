using System.IO.Pipelines;
using LogPartitioning.ServiceDefaults;
using Microsoft.AspNetCore.Http.Features;

namespace LogPartitioning.Gateway.Otlp;

/// <summary>
/// The body of a call of gRPC. One that was cut off, or had no place, is UNAVAILABLE: nothing of it was taken, and it may come again. By themselves gRPC's
/// servers call that UNKNOWN, and exporters drop what they sent.
/// </summary>
internal sealed class CallBody(PipeReader body) : PipeReader, IRequestBodyPipeFeature
{
    PipeReader IRequestBodyPipeFeature.Reader => this;

    /// <summary>Has the calls of an endpoint read by it.</summary>
    public static void Use(EndpointBuilder endpoint)
    {
        var next = endpoint.RequestDelegate!;
        endpoint.RequestDelegate = async context =>
        {
            var before = context.Features.Get<IRequestBodyPipeFeature>();
            context.Features.Set<IRequestBodyPipeFeature>(new CallBody(context.Request.BodyReader));
            try
            {
                await next(context);
            }
            finally
            {
                context.Features.Set(before);
            }
        };
    }

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            return await body.ReadAsync(cancellationToken);
        }
        catch (BadHttpRequestException bad) when (bad.StatusCode is StatusCodes.Status408RequestTimeout or StatusCodes.Status503ServiceUnavailable)
        {
            throw OtlpGrpcService.Unavailable(RetryAfter.Soon, bad.Message);
        }
    }

    public override bool TryRead(out ReadResult result) => body.TryRead(out result);

    public override void AdvanceTo(SequencePosition consumed) => body.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => body.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => body.CancelPendingRead();

    public override void Complete(Exception? exception = null) => body.Complete(exception);
}
