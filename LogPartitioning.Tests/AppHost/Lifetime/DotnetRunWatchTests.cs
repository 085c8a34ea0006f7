using LogPartitioning.AppHost.Lifetime;
using LogPartitioning.Tests.Processes;

namespace LogPartitioning.Tests.AppHost.Lifetime;

public sealed class DotnetRunWatchTests
{
    [SkippableTheory]
    [InlineData("dotnet", "run", true)]
    [InlineData("dotnet", "test", false)]
    [InlineData("sh", "run", false)]
    public async Task Dotnet_run_is_known_by_its_command_line_and_a_child_by_its_parent(string program, string argument, bool isDotnetRun)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "There is no /proc.");
        // A process with that command line, which waits until it is killed.
        using var process = ChildProgram.Start("bash", ["-c", $"exec -a {program} sh -c 'echo started; while :; do sleep 1; done' {argument}"]);

        await Eventually.SeesAsync("the process started", _ => Task.FromResult(process.Output), output => output.Contains("started", StringComparison.Ordinal), TimeSpan.FromSeconds(30));

        Assert.Equal(isDotnetRun, DotnetRunWatch.IsDotnetRun(process.Id));
        Assert.Equal(Environment.ProcessId, DotnetRunWatch.ParentOf(process.Id));
    }

    [Fact]
    public void A_process_that_is_gone_is_no_dotnet_run()
    {
        Assert.False(DotnetRunWatch.IsDotnetRun(int.MaxValue));
        Assert.Null(DotnetRunWatch.ParentOf(int.MaxValue));
    }
}
