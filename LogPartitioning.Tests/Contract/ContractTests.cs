using LogPartitioning.Tests.AppHost;
using LogPartitioning.Tests.Documentation;

namespace LogPartitioning.Tests.Contract;

/// <summary>
/// What users write into scripts, dashboards and alerts: settings, endpoints and metrics. None of them goes or gets another name
/// without a line in the changelog. How to change one: CONTRIBUTING.md.
/// </summary>
public sealed class ContractTests
{
    private const string List = "docs/contract.txt";

    private static readonly string[] s_services = ["Producer", "Consumer", "Gateway"];

    /// <summary>Settings of the AppHost's own; it asks for many more that are Aspire's.</summary>
    private static readonly string[] s_sectionsOfTheAppHost =
        ["CheckOnly", "ConnectionStrings", "ConsumerReplicas", "Infrastructure", "JAVA_HOME", "KAFKA_HOME", "POSTGRES_HOME", "Ports", "ResourceLogs", "Restart"];

    [Fact]
    [Trait("Category", "Slow")]
    public async Task No_setting_endpoint_or_metric_goes_or_comes_without_a_word()
    {
        var inCode = ServiceSettings.All().Select(setting => setting.Name).Concat(await SettingsOfTheAppHostAsync()).ToList();
        foreach (var name in s_services)
        {
            var service = await ServiceInProcess.ObserveAsync($"LogPartitioning.{name}");
            Assert.NotEmpty(service.Endpoints);
            Assert.NotEmpty(service.Metrics);
            inCode.AddRange(service.Endpoints.Select(endpoint => $"{name.ToLowerInvariant()}: {endpoint}"));
            inCode.AddRange(service.Metrics);
        }

        var problems = ContractComparison.Problems(
            ContractComparison.Names(RepositoryFiles.Read(List)),
            [.. inCode.Distinct()],
            RepositoryFiles.Read("CHANGELOG.md"));

        Assert.True(problems.Count == 0, $"{List} and the code differ:\n{string.Join('\n', problems)}");
    }

    [Fact]
    public void No_name_is_listed_twice()
    {
        var names = ContractComparison.Names(RepositoryFiles.Read(List));
        Assert.Equal(names.Distinct(), names);
    }

    private static async Task<IEnumerable<string>> SettingsOfTheAppHostAsync()
    {
        using var machine = new FakeMachine("4.1.0");
        HashSet<string> asked =
        [
            .. await AskedSettings.ByAppHostAsync(machine.Arguments),
            .. await AskedSettings.ByAppHostAsync(
                "--Infrastructure:Mode=External",
                "--ConnectionStrings:kafka=127.0.0.1:1",
                "--ConnectionStrings:logs=Host=127.0.0.1;Port=1",
                "--ConnectionStrings:redis=127.0.0.1:1"),
        ];

        // What the environment sets is answered before the recorder is asked.
        asked.UnionWith(s_sectionsOfTheAppHost.Where(name => Environment.GetEnvironmentVariable(name) is not null));
        return asked.Where(key => s_sectionsOfTheAppHost.Contains(key.Split(':')[0])).Order(StringComparer.Ordinal);
    }
}
