using LogPartitioning.LoadTest.Sending;

namespace LogPartitioning.LoadTest.Commands;

/// <summary>Finds out before a run whether anybody answers, so that a forgotten start is one clear message.</summary>
internal static class GatewayProbe
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <exception cref="MistakeException">Nobody answers there.</exception>
    public static async Task RequireAsync(Uri gateway, CancellationToken cancellationToken)
    {
        using var http = GatewayHttp.Create(gateway);
        using var timeout = new CancellationTokenSource(Timeout);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        string reason;
        try
        {
            // Any answer will do, a 503 too: the run itself tells what works.
            using var answer = await http.GetAsync(new Uri("alive", UriKind.Relative), either.Token).ConfigureAwait(false);
            return;
        }
        catch (HttpRequestException e)
        {
            reason = e.InnerException?.Message ?? e.Message;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            reason = $"no answer within {Timeout.TotalSeconds:0} s";
        }

        throw new MistakeException(
            $"The gateway at {gateway.GetLeftPart(UriPartial.Authority)} does not answer ({reason}). "
            + "Start the system with ./run.sh, or name another gateway with --gateway.");
    }
}
