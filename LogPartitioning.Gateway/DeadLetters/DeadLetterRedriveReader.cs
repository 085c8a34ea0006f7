using System.Text;
using System.Text.Json;
using LogPartitioning.Core.Events;

namespace LogPartitioning.Gateway.DeadLetters;

/// <summary>Checks a request to replay dead letters, and reports everything that is wrong with it.</summary>
internal sealed class DeadLetterRedriveReader(LogEventReader events)
{
    /// <summary>The items of a request; empty when <paramref name="problems"/> is not.</summary>
    public IReadOnlyList<DeadLetterRedrive> Read(DeadLetterRedriveBody body, out IDictionary<string, string[]> problems)
    {
        problems = new Dictionary<string, string[]>();
        if (body.Items is not { Count: >= 1 and <= DeadLetterRedriver.MaxItems })
        {
            problems["items"] = [$"must have 1 to {DeadLetterRedriver.MaxItems} entries"];
            return [];
        }
        var read = new List<DeadLetterRedrive>(body.Items.Count);
        for (var i = 0; i < body.Items.Count; i++)
        {
            if (body.Items[i] is not { } item)
            {
                problems[$"items[{i}]"] = ["must be a JSON object"];
                continue;
            }
            var corrected = ReadEvent(item.Event, $"items[{i}].event", problems);
            if (string.IsNullOrEmpty(item.Topic))
            {
                problems[$"items[{i}].topic"] = ["is required"];
            }
            if (item.Partition is not >= 0)
            {
                problems[$"items[{i}].partition"] = ["must be a whole number from 0"];
            }
            if (item.Offset is not >= 0)
            {
                problems[$"items[{i}].offset"] = ["must be a whole number from 0"];
            }
            if (item.TopicId is { } id && !DeadLetterOrigin.IsTopicId(id))
            {
                problems[$"items[{i}].topicId"] = ["must be the topicId of a dead letter's origin, or be left out"];
            }
            read.Add(new DeadLetterRedrive(
                new DeadLetterOrigin(item.Topic ?? "", item.Partition ?? 0, item.Offset ?? 0, item.TopicId ?? ""), corrected));
        }
        return problems.Count == 0 ? read : [];
    }

    private LogEvent? ReadEvent(JsonElement? json, string field, IDictionary<string, string[]> problems)
    {
        if (json is not { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) } value)
        {
            return null;
        }
        var broken = events.Read(Encoding.UTF8.GetBytes(value.GetRawText()), out var corrected);
        foreach (var group in broken.GroupBy(p => p.Field))
        {
            var name = group.Key == EventProblem.WholeEvent ? field : $"{field}.{group.Key}";
            problems[name] = [.. group.Select(p => p.Rule)];
        }
        return corrected;
    }
}
