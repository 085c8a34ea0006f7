using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using LogPartitioning.LoadTest.Gateway;

namespace LogPartitioning.LoadTest.Sending;

/// <summary>Posts events to the gateway's <c>/api/logs</c> and reads each event's outcome from the answer.</summary>
internal sealed class LogsClient(HttpClient http, TimeSpan requestTimeout, TimeProvider time)
{
    private static readonly MediaTypeHeaderValue Ndjson = new("application/x-ndjson");

    /// <summary>
    /// Sends one NDJSON body of <paramref name="count"/> events. Whatever leaves the outcome open (no connection, no
    /// answer in time, 5xx, 429) is an answer here, not an exception; only cancellation throws.
    /// </summary>
    public async Task<RequestOutcome> PostAsync(ReadOnlyMemory<byte> body, int count, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(requestTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var content = new ReadOnlyMemoryContent(body) { Headers = { ContentType = Ndjson } };
            using var response = await http.PostAsync(new Uri("api/logs", UriKind.Relative), content, either.Token);
            return await ReadAsync(response, count, either.Token) with { RetryAfter = RetryAfter(response) };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return RequestOutcome.All(EventStatus.Unknown, count, $"no answer within {requestTimeout.TotalSeconds:0.#} s");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return RequestOutcome.All(EventStatus.Unknown, count, e.InnerException?.Message ?? e.Message);
        }
        catch (JsonException e)
        {
            return RequestOutcome.All(EventStatus.Unknown, count, "the answer is not the JSON that was expected: " + e.Message);
        }
    }

    private static async Task<RequestOutcome> ReadAsync(HttpResponseMessage response, int count, CancellationToken cancellationToken)
    {
        if (response.IsSuccessStatusCode)
        {
            var answer = await response.Content.ReadFromJsonAsync<LogsAnswer>(GatewayJson.Options, cancellationToken);
            return new RequestOutcome(answer!.Outcomes(count));
        }

        var problem = GatewayJson.ProblemText(await response.Content.ReadAsStringAsync(cancellationToken));
        var again = response.StatusCode is >= HttpStatusCode.InternalServerError or HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout;
        return RequestOutcome.All(again ? EventStatus.Unknown : EventStatus.Rejected, count, $"{(int)response.StatusCode} {problem}".TrimEnd());
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response) =>
        response.Headers.RetryAfter is { } told ? told.Delta ?? told.Date - time.GetUtcNow() : null;
}
