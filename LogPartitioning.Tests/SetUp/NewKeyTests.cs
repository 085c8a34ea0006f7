using System.Text.RegularExpressions;
using LogPartitioning.Tests.Processes;
using LogPartitioning.Tests.ServiceDefaults.Access;

namespace LogPartitioning.Tests.SetUp;

/// <summary><c>./run.sh new-key</c>.</summary>
public sealed partial class NewKeyTests
{
    [SkippableFact]
    public async Task A_new_key_comes_with_its_hash_and_never_twice()
    {
        Skip.If(OperatingSystem.IsWindows());
        var keys = new HashSet<string>();
        for (var i = 0; i < 2; i++)
        {
            var output = await ChildProgram.RunAsync(RepositoryFiles.PathOf("run.sh"), ["new-key"]);
            var made = Output().Match(output);
            Assert.True(made.Success, output);
            Assert.Equal(ProtectedService.HashOf(made.Groups["key"].Value), made.Groups["hash"].Value);
            Assert.True(keys.Add(made.Groups["key"].Value));
        }
    }

    [GeneratedRegex(@"^key: +(?<key>[0-9a-f]{64}) .*\nsha256: (?<hash>[0-9a-f]{64}) ")]
    private static partial Regex Output();
}
