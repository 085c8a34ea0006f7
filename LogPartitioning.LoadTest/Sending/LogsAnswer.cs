using System.Text.Json;

namespace LogPartitioning.LoadTest.Sending;

/// <summary>The body of a 202 to many events.</summary>
internal sealed record LogsAnswer(IReadOnlyList<LogsAnswer.Result> Results)
{
    /// <summary>Each event's outcome, in the order sent.</summary>
    /// <param name="count">Events of the request.</param>
    /// <exception cref="JsonException">A result belongs to none of them.</exception>
    public EventOutcome[] Outcomes(int count)
    {
        // An event that the answer does not mention stays unknown and is sent again.
        var outcomes = RequestOutcome.All(EventStatus.Unknown, count, "the answer does not mention it").Outcomes;
        foreach (var result in Results)
        {
            if (result.Index < 0 || result.Index >= count)
            {
                throw new JsonException($"a result for place {result.Index} of {count}");
            }

            outcomes[result.Index] = result switch
            {
                { Status: "accepted", Partition: { } partition, Offset: { } offset } => new(EventStatus.Acknowledged, partition, offset, result.Key),
                { Status: "rejected", Retry: not true } => new(EventStatus.Rejected, Error: result.Error),
                // Not acknowledged, but not at fault either: the brokers did not answer for it.
                _ => new(EventStatus.Unknown, Error: result.Error ?? $"{result.Status}, without a partition and an offset"),
            };
        }

        return outcomes;
    }

    internal sealed record Result(
        int Index, string Status, int? Partition = null, long? Offset = null, string? Key = null, string? Error = null, bool? Retry = null);
}
