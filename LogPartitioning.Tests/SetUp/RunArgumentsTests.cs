using LogPartitioning.Tests.Documentation;

namespace LogPartitioning.Tests.SetUp;

/// <summary>What <c>./run.sh</c> takes as arguments.</summary>
public sealed class RunArgumentsTests : IDisposable
{
    private const string Start = "bash run.sh --Infrastructure:Mode=External --check";

    private readonly SetUpMachine _machine = SetUpMachine.WithBuiltPrograms();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public async Task Every_setting_of_the_services_and_of_the_application_is_one()
    {
        string[] settings = [.. ServiceSettings.All().Select(setting => setting.Name), "StoreOwnLogs", "ResourceLogs", "ConsumerReplicas", "Restart:Enabled", "Ports:Gateway"];
        var (code, output) = await _machine.RunShellAsync($"{Start} {string.Join(' ', settings.Select(name => $"--{name}=1"))}");

        Assert.True(code == 0, output);
        Assert.All(settings, name => Assert.Contains($"--{name}=1", output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Another_one_is_refused_by_its_name()
    {
        var (code, output) = await _machine.RunShellAsync($"{Start} --Stroe:RetentionDays=1");

        Assert.NotEqual(0, code);
        Assert.Contains("unknown argument --Stroe:RetentionDays=1", output, StringComparison.Ordinal);
    }
}
