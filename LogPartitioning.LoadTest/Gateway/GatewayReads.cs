using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using LogPartitioning.Core.Partitioning;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace LogPartitioning.LoadTest.Gateway;

/// <summary>Reads JSON from the gateway; reading changes nothing, so a failed read is tried again.</summary>
internal sealed class GatewayReads(HttpClient http, TimeProvider time)
{
    private readonly ResiliencePipeline _attempts = new ResiliencePipelineBuilder { TimeProvider = time }
        .AddRetry(new RetryStrategyOptions
        {
            MaxRetryAttempts = 5,
            BackoffType = DelayBackoffType.Exponential,
            Delay = TimeSpan.FromMilliseconds(100),
            ShouldHandle = new PredicateBuilder()
                .Handle<HttpRequestException>(e => e.StatusCode is null or >= HttpStatusCode.InternalServerError)
                .Handle<TimeoutRejectedException>(),
        })
        .AddTimeout(TimeSpan.FromSeconds(30))
        .Build();

    /// <exception cref="GatewayException">No answer in any attempt, a refusal, or an answer of another shape.</exception>
    public async Task<T> GetAsync<T>(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await _attempts.ExecuteAsync(async token => await GetOnceAsync<T>(path, token), cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutRejectedException or JsonException)
        {
            throw new GatewayException($"GET {http.BaseAddress}{path}: {e.InnerException?.Message ?? e.Message}", e);
        }
    }

    /// <summary>How a source is keyed, and where its keys belong.</summary>
    public Task<PartitionMapping> GetMappingAsync(string source, CancellationToken cancellationToken) =>
        GetAsync<PartitionMapping>("api/partition-mapping?source=" + Uri.EscapeDataString(source), cancellationToken);

    private async Task<T> GetOnceAsync<T>(string path, CancellationToken cancellationToken)
    {
        using var response = await http.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
        if (response.IsSuccessStatusCode)
        {
            return await response.Content.ReadFromJsonAsync<T>(GatewayJson.Options, cancellationToken) ?? throw new JsonException("The answer is null.");
        }

        var problem = GatewayJson.ProblemText(await response.Content.ReadAsStringAsync(cancellationToken));
        throw new HttpRequestException($"{(int)response.StatusCode} {problem}", inner: null, response.StatusCode);
    }
}
