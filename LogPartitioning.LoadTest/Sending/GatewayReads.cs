using System.Text.Json;

namespace LogPartitioning.LoadTest.Sending;

/// <summary>The gateway did not answer, or answered with an error; the message says which request and why.</summary>
public sealed class GatewayException : Exception
{
    /// <summary>A failure without a cause of its own.</summary>
    public GatewayException(string message)
        : base(message)
    {
    }

    /// <summary>A failure with its cause.</summary>
    public GatewayException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>A failure without a message.</summary>
    public GatewayException()
    {
    }
}

/// <summary>Reads JSON from the gateway; reading changes nothing, so a failed read is tried again.</summary>
internal sealed class GatewayReads(HttpClient http, TimeProvider time)
{
    private const int Attempts = 6;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <exception cref="GatewayException">No answer in any attempt, or a refusal.</exception>
    public async Task<JsonDocument> GetAsync(string path, CancellationToken cancellationToken)
    {
        var pause = TimeSpan.FromMilliseconds(100);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await GetOnceAsync(path, cancellationToken).ConfigureAwait(false);
            }
            catch (HttpRequestException) when (attempt < Attempts)
            {
                // The next attempt tells.
            }
            catch (HttpRequestException e)
            {
                throw new GatewayException($"GET {http.BaseAddress}{path}: {e.InnerException?.Message ?? e.Message}", e);
            }

            await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
            pause *= 2;
        }
    }

    private async Task<JsonDocument> GetOnceAsync(string path, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var response = await http.GetAsync(new Uri(path, UriKind.Relative), either.Token).ConfigureAwait(false);
            var body = await response.Content.ReadAsByteArrayAsync(either.Token).ConfigureAwait(false);
            if (response.IsSuccessStatusCode)
            {
                return JsonDocument.Parse(body);
            }

            var problem = $"{(int)response.StatusCode} {AnswerReader.ProblemText(System.Text.Encoding.UTF8.GetString(body))}";
            throw (int)response.StatusCode >= 500
                ? new HttpRequestException(problem)
                : new GatewayException($"GET {http.BaseAddress}{path}: {problem}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HttpRequestException($"no answer within {Timeout.TotalSeconds:0} s");
        }
        catch (JsonException e)
        {
            throw new GatewayException($"GET {http.BaseAddress}{path}: the answer is not JSON: {e.Message}", e);
        }
    }
}
