using System.Net.Http.Json;
using System.Text.Json;
using LogPartitioning.Tests.Application;
using LogPartitioning.Tests.Processes;
using LogPartitioning.Tests.Servers;

namespace LogPartitioning.Tests.Integration;

/// <summary>A second consumer process that calls itself as another one does, on real servers.</summary>
[Collection(SharedApplication.Name)]
public sealed class SharedNameTests(ApplicationFixture fixture)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [ServerFact]
    public async Task Both_are_seen_no_partition_is_unassigned_and_the_groups_health_names_them()
    {
        var application = fixture.Application;
        var folder = $"/proc/{application.ProcessId("consumer-1")}";
        var environment = (await File.ReadAllTextAsync($"{folder}/environ"))
            .Split('\0', StringSplitOptions.RemoveEmptyEntries)
            .Select(variable => variable.Split('=', 2))
            .ToDictionary(variable => variable[0], variable => variable[1]);
        environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        var second = ChildProgram.Start(File.ResolveLinkTarget($"{folder}/exe", returnFinalTarget: true)!.FullName, [], environment);
        try
        {
            await SeesAsync(application, "consumer-1 consumer-1#2 consumer-2 consumer-3 consumer-4", "2 consumers call themselves consumer-1");
        }
        finally
        {
            await second.StopAsync(Patience);
        }

        await SeesAsync(application, "consumer-1 consumer-2 consumer-3 consumer-4", "");
        await GroupAssignment.SeesSpreadAsync(application, "3+3+3+3");
    }

    /// <summary>Waits until these instances are seen, all partitions are with them, and health gives this reason.</summary>
    private static async Task SeesAsync(RunningApplication application, string instances, string reason) => await Eventually.SeesAsync(
        $"{instances}; {reason}",
        async token =>
        {
            var group = await application.Gateway.GetFromJsonAsync<JsonElement>("/api/consumer/assigned-partitions", token);
            var health = await application.Gateway.GetFromJsonAsync<JsonElement>("/api/consumer/health", token);
            var seen = group.GetProperty("instances").EnumerateArray().Select(instance => instance.GetProperty("instance").GetString());
            return (Instances: string.Join(' ', seen), Unassigned: group.GetProperty("unassigned").GetArrayLength(), Reasons: health.GetProperty("reasons").ToString());
        },
        seen => seen.Instances == instances && seen.Unassigned == 0 && seen.Reasons.Contains(reason, StringComparison.Ordinal)
            && seen.Reasons.Contains("call themselves", StringComparison.Ordinal) == reason.Length > 0,
        Patience);
}
