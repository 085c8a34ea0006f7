using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace LogPartitioning.LoadTest.Sending;

/// <summary>Posts events to the gateway's <c>/api/logs</c> and reads each event's outcome from the answer.</summary>
internal sealed class LogsClient(HttpClient http, TimeSpan requestTimeout, TimeProvider time)
{
    private static readonly Uri Logs = new("api/logs", UriKind.Relative);
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
            using var content = new ReadOnlyMemoryContent(body);
            content.Headers.ContentType = Ndjson;
            using var response = await http.PostAsync(Logs, content, either.Token).ConfigureAwait(false);
            return await ReadAsync(response, count, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return All(EventStatus.Unknown, count, $"no answer within {requestTimeout.TotalSeconds:0.#} s");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return All(EventStatus.Unknown, count, e.InnerException?.Message ?? e.Message);
        }
        catch (JsonException e)
        {
            return All(EventStatus.Unknown, count, "the answer is not the JSON that was expected: " + e.Message);
        }
    }

    private async Task<RequestOutcome> ReadAsync(HttpResponseMessage response, int count, CancellationToken cancellationToken)
    {
        if (response.StatusCode is >= HttpStatusCode.OK and < HttpStatusCode.MultipleChoices)
        {
            var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                using var json = await JsonDocument.ParseAsync(stream, default, cancellationToken).ConfigureAwait(false);
                return AnswerReader.Read(json.RootElement, count) with { RetryAfter = RetryAfter(response) };
            }
        }

        var text = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
        var problem = $"{(int)response.StatusCode} {AnswerReader.ProblemText(text)}".TrimEnd();
        var again = (int)response.StatusCode >= 500
            || response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout;
        if (!again && AnswerReader.TryReadResults(text, count, out var outcomes))
        {
            // Every event of the request was refused, each for a reason of its own.
            return new RequestOutcome(outcomes, null, null);
        }

        return All(again ? EventStatus.Unknown : EventStatus.Rejected, count, problem) with { RetryAfter = RetryAfter(response) };
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - time.GetUtcNow(),
        _ => null,
    };

    private static RequestOutcome All(EventStatus status, int count, string problem)
    {
        var outcomes = new EventOutcome[count];
        Array.Fill(outcomes, new EventOutcome(status, Error: problem));
        return new RequestOutcome(outcomes, null, problem);
    }
}
