using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using LogPartitioning.LoadTest.Ledgers;

namespace LogPartitioning.Tests.Fuzz;

/// <summary>Memory of a process at one moment of a run.</summary>
/// <param name="Requests">Requests answered by then.</param>
/// <param name="ResidentBytes">Its resident set.</param>
internal sealed record MemorySample(int Requests, long ResidentBytes);

/// <summary>Sends mutated requests and judges every answer by itself, but for those that put a request off: they are kept to be judged together.</summary>
internal sealed class FuzzRun(HttpClient http, Uri uri, int seed, Func<long> residentBytes, TimeProvider time)
{
    private const int MaxProblems = 20;
    private const int Parallel = 16;

    /// <summary>More than one stall of the longest length can put off, so that a run that goes on until here is no such stall.</summary>
    private static readonly int s_maxPutOff = (Parallel * (int)Math.Ceiling(Stall.Longest / Stall.LeastWait)) + 1;

    private readonly ConcurrentDictionary<HttpStatusCode, int> _answers = new();
    private readonly ConcurrentQueue<string> _problems = new();
    private readonly ConcurrentQueue<PutOff> _putOff = new();
    private readonly ConcurrentBag<MemorySample> _memory = [];
    private int _answered;

    /// <summary>Answers by status.</summary>
    public IReadOnlyDictionary<HttpStatusCode, int> Answers => _answers;

    /// <summary>What should not have happened; at most 20 of them.</summary>
    public IReadOnlyCollection<string> Problems => _problems;

    /// <summary>The requests that were to be sent again; not among <see cref="Problems"/>.</summary>
    public IReadOnlyCollection<PutOff> PutOff => _putOff;

    /// <summary>Ids of the events that were acknowledged, good or spoilt.</summary>
    public ConcurrentDictionary<Guid, byte> Acknowledged { get; } = new();

    /// <summary>The hash of the message of every event that had to be accepted.</summary>
    public ConcurrentDictionary<Guid, string> Good { get; } = new();

    public IReadOnlyList<MemorySample> Memory => [.. _memory.OrderBy(m => m.Requests)];

    public TimeSpan Duration { get; private set; }

    public async Task RunAsync(int requests, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var every = Math.Max(1, requests / 200);
        var options = new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = cancellationToken };
        await System.Threading.Tasks.Parallel.ForAsync(0, requests, options, async (number, token) =>
        {
            // After so many findings more of them tell nothing new.
            if (_problems.Count < MaxProblems && _putOff.Count < s_maxPutOff)
            {
                await SendAsync(FuzzRequest.Create(seed, number), token);
            }
            if (Interlocked.Increment(ref _answered) is var answered && answered % every == 0)
            {
                _memory.Add(new MemorySample(answered, residentBytes()));
            }
        });
        Duration = Stopwatch.GetElapsedTime(started);
    }

    private async Task SendAsync(FuzzRequest request, CancellationToken cancellationToken)
    {
        try
        {
            var sent = time.GetUtcNow();
            using var message = request.ToMessage(uri);
            using var answer = await http.SendAsync(message, cancellationToken);
            var body = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
            _answers.AddOrUpdate(answer.StatusCode, 1, static (_, n) => n + 1);
            if (Judge(request, answer, body))
            {
                _putOff.Enqueue(new(request.Number, sent, time.GetUtcNow()));
            }
        }
        catch (Exception error) when (error is HttpRequestException or JsonException or KeyNotFoundException or InvalidOperationException
            || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            _problems.Enqueue($"{error.GetType().Name}: {error.Message}, {request}");
        }
    }

    /// <returns>Whether the brokers are said not to have acknowledged all of it in time, so that it may be sent again.</returns>
    private bool Judge(FuzzRequest request, HttpResponseMessage answer, byte[] body)
    {
        var status = answer.StatusCode;
        if (status == HttpStatusCode.ServiceUnavailable && answer.Headers.RetryAfter is not null)
        {
            return true;
        }
        if (status is not (HttpStatusCode.Accepted or HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge
            or HttpStatusCode.UnsupportedMediaType))
        {
            _problems.Enqueue($"{(int)status}, {request}, answered {Encoding.UTF8.GetString(body)}");
            return false;
        }
        var accepted = new HashSet<Guid>();
        var again = new HashSet<Guid>();
        if (status == HttpStatusCode.Accepted)
        {
            Read(body, accepted, again);
        }
        else if (answer.Content.Headers.ContentType?.MediaType is var mediaType && mediaType != "application/problem+json")
        {
            _problems.Enqueue($"{(int)status} without problem details but {mediaType}, {request}");
        }
        foreach (var id in accepted)
        {
            Acknowledged.TryAdd(id, 0);
        }
        foreach (var good in request.Good)
        {
            if (accepted.Contains(good.Id))
            {
                Good.TryAdd(good.Id, LedgerEntry.MessageHash(good.Message));
            }
            else if (!again.Contains(good.Id))
            {
                _problems.Enqueue($"the good event {good.Id} was not accepted ({(int)status}), {request}, answered {Encoding.UTF8.GetString(body)}");
            }
        }
        return again.Count > 0;
    }

    private static void Read(byte[] body, HashSet<Guid> accepted, HashSet<Guid> again)
    {
        using var json = JsonDocument.Parse(body);
        if (!json.RootElement.TryGetProperty("results", out var results))
        {
            accepted.Add(json.RootElement.GetProperty("id").GetGuid());
            return;
        }
        foreach (var result in results.EnumerateArray())
        {
            if (result.GetProperty("status").GetString() == "accepted")
            {
                accepted.Add(result.GetProperty("id").GetGuid());
            }
            else if (result.TryGetProperty("retry", out var retry) && retry.ValueKind == JsonValueKind.True)
            {
                again.Add(result.GetProperty("id").GetGuid());
            }
        }
    }
}
