using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace LogPartitioning.AppHost.Services;

/// <summary>The command that sends test events through the producer, to see something move.</summary>
internal static partial class TestEventsCommand
{
    /// <summary>The command's name.</summary>
    public const string Name = "send-test-events";

    private const int Events = 10_000;
    private const int BatchSize = 500;
    private const int Sources = 8;

    private static readonly string[] Levels = ["Information", "Information", "Information", "Warning", "Error"];

    /// <summary>Adds the command.</summary>
    public static void WithTestEventsCommand(this IResourceBuilder<ProjectResource> producer, string serviceKey) =>
        producer.WithCommand(Name, "Send 10,000 test events", context => SendAsync(producer.GetEndpoint("http"), serviceKey, context), new CommandOptions
        {
            Description = "Sends 10,000 events of 8 sources, test-1 to test-8, as lines of 500.",
            IconName = "Send",
            IsHighlighted = true,
            UpdateState = context => context.ResourceSnapshot.HealthStatus is HealthStatus.Healthy ? ResourceCommandState.Enabled : ResourceCommandState.Disabled,
            Progress = new CommandProgressOptions { Title = "Send 10,000 test events", Message = "The producer's log counts them …" },
        });

    private static async Task<ExecuteCommandResult> SendAsync(EndpointReference producer, string serviceKey, ExecuteCommandContext context)
    {
        using var client = new HttpClient { BaseAddress = new Uri(producer.Url) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", serviceKey);
        var clock = TimeProvider.System.GetTimestamp();
        var run = $"{DateTimeOffset.UtcNow:HH:mm:ss}";
        var accepted = 0;
        try
        {
            for (var first = 0; first < Events; first += BatchSize)
            {
                using var body = new StringContent(Lines(run, first), Encoding.UTF8);
                body.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
                using var answer = await client.PostAsync(new Uri("/api/logs", UriKind.Relative), body, context.CancellationToken);
                if (!answer.IsSuccessStatusCode)
                {
                    return CommandResults.Failure(
                        $"{accepted} of {Events} events were accepted, then the producer answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(context.CancellationToken)}");
                }

                accepted += (await answer.Content.ReadFromJsonAsync<JsonElement>(context.CancellationToken)).GetProperty("accepted").GetInt32();
                if (accepted % 2_000 == 0)
                {
                    LogAcknowledged(context.Logger, accepted, Events);
                }
            }
        }
        catch (HttpRequestException e)
        {
            return CommandResults.Failure($"{accepted} of {Events} events were accepted, then the producer did not answer: {e.Message}");
        }

        var seconds = TimeProvider.System.GetElapsedTime(clock).TotalSeconds;
        return accepted == Events
            ? CommandResults.Success($"{accepted} events are acknowledged by the brokers after {seconds:0.0} s.")
            : CommandResults.Failure($"{accepted} of {Events} events were accepted.");
    }

    private static string Lines(string run, int first)
    {
        var lines = new StringBuilder();
        for (var number = first; number < first + BatchSize; number++)
        {
            lines.AppendLine(JsonSerializer.Serialize(new
            {
                source = $"test-{(number % Sources) + 1}",
                level = Levels[number % Levels.Length],
                message = $"test event {number + 1} of {run}",
            }));
        }

        return lines.ToString();
    }

    [LoggerMessage(1, LogLevel.Information, "{Accepted} of {Events} test events are acknowledged.")]
    private static partial void LogAcknowledged(ILogger logger, int accepted, int events);
}
