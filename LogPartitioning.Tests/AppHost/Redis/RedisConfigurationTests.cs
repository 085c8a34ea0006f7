using LogPartitioning.AppHost.Redis;
using LogPartitioning.Tests.Processes;

namespace LogPartitioning.Tests.AppHost.Redis;

public sealed class RedisConfigurationTests
{
    [Theory]
    [InlineData("/var/lib/redis", "dir \"/var/lib/redis\"\n")]
    [InlineData("/a für 'mich'", "dir \"/a für 'mich'\"\n")]
    [InlineData("/a \"b\" \\c", "dir \"/a \\\"b\\\" \\\\c\"\n")]
    [InlineData("", "dir \"\"\n")]
    public void An_argument_stays_one_argument(string folder, string line) => Assert.Equal(line, RedisConfiguration.ToText([["dir", folder]]));

    [SkippableFact]
    public async Task Redis_reads_a_folder_with_a_blank_an_umlaut_and_quotes()
    {
        Skip.IfNot(File.Exists("/usr/bin/redis-server"), "Redis is not installed.");
        using var folder = new TemporaryFolder();
        var data = Directory.CreateDirectory(folder.At("für 'mich' \"b\"")).FullName;
        var configuration = Path.Combine(data, "redis.conf");
        // Port 0 and no socket: it ends at once with an error, unless the configuration cannot be read, which it says first.
        await File.WriteAllTextAsync(configuration, RedisConfiguration.ToText([["port", "0"], ["dir", data], ["logfile", "log"], ["save", ""]]));

        await Assert.ThrowsAsync<CommandFailedException>(() => ChildProgram.RunAsync("/usr/bin/redis-server", [configuration]));

        Assert.Contains("not listen anywhere", await File.ReadAllTextAsync(Path.Combine(data, "log")), StringComparison.Ordinal);
    }
}
