using LogPartitioning.AppHost.Machine;
using LogPartitioning.AppHost.Redis;
using LogPartitioning.Tests.Processes;
using LogPartitioning.Tests.Servers;
using StackExchange.Redis;

namespace LogPartitioning.Tests.AppHost.Redis;

public sealed class RedisConfigurationTests
{
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("/var/lib/redis", "dir \"/var/lib/redis\"\n")]
    [InlineData("/a für 'mich'", "dir \"/a für 'mich'\"\n")]
    [InlineData("/a \"b\" \\c", "dir \"/a \\\"b\\\" \\\\c\"\n")]
    [InlineData("", "dir \"\"\n")]
    public void An_argument_stays_one_argument(string folder, string line) => Assert.Equal(line, RedisConfiguration.ToText([["dir", folder]]));

    [RedisFact]
    public async Task Redis_reads_whatever_name_a_folder_has()
    {
        string[] names = ["für 'mich' \"b\"", "[a-c]*?", "tab\tnew\nline\rend", "\\x41 \\\\ {{y}} $HOME %41", "# no comment", " blanks "];
        using var folder = new TemporaryFolder();
        foreach (var name in names)
        {
            var data = Directory.CreateDirectory(folder.At(name)).FullName;
            var port = new LoopbackPorts(random: true).Any();
            PrivateFile.Write(
                Path.Combine(data, RedisProcess.ConfigurationFile),
                RedisConfiguration.ToText([["bind", "127.0.0.1"], ["port", $"{port}"], ["requirepass", "secret"], ["dir", data], ["save", ""]]));
            using var server = ChildProgram.Start(RedisProcess.Shell, ["-c", RedisProcess.ReadStandardInput, InstalledPrograms.Find("redis-server")!], folder: data);
            await using var client = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{port},password=secret,allowAdmin=true,abortConnect=false,connectTimeout=2000");

            await Eventually.SeesAsync($"Redis on port {port}", _ => Task.FromResult(Connected(server, client)), connected => connected, StartDeadline);

            Assert.Equal(data, Assert.Single(await client.GetServers().Single().ConfigGetAsync("dir")).Value);
        }
    }

    private static bool Connected(ChildProgram server, ConnectionMultiplexer client)
    {
        Assert.False(server.HasExited, server.Output);
        return client.IsConnected;
    }
}
