using LogPartitioning.Tests.Processes;

namespace LogPartitioning.Tests.SetUp;

/// <summary>
/// A copy of the set-up scripts that knows <see cref="FakeRelease"/>, with a home, a cache and a <c>PATH</c> of its own: on it are the
/// tools that the scripts may count on, one that downloads, and no package manager.
/// </summary>
internal sealed class SetUpMachine : IDisposable
{
    private static readonly string[] Tools =
        ["bash", "cat", "cp", "cut", "dirname", "find", "flock", "gzip", "head", "mkdir", "mktemp", "mv", "readlink", "rm", "sed", "sha512sum", "stat", "tail", "tar", "timeout"];

    private readonly TemporaryFolder _folder = new();

    public SetUpMachine(string downloader = "curl")
    {
        Directory.CreateDirectory(At("bin"));
        foreach (var tool in Tools.Append(downloader))
        {
            File.CreateSymbolicLink(At("bin", tool), InstalledPrograms.Find(tool) ?? throw new InvalidOperationException($"{tool} is not on the PATH."));
        }

        Directory.CreateDirectory(At("home"));
        CopyFolder("setup");
        File.WriteAllText(At("tree", "setup", "kafka", "release"), $"kafka_version={FakeRelease.Version}\nkafka_sha512={FakeRelease.Digest}\n");
    }

    /// <summary>One with all scripts, whose builds and programs only say how they were called.</summary>
    public static SetUpMachine WithBuiltPrograms()
    {
        var machine = new SetUpMachine();
        foreach (var script in new[] { "run.sh", "test.sh", "load-test.sh", "test-partitioning.sh" })
        {
            machine.CopyScript(script);
        }

        // Links, since a program that was just written cannot always be started at once.
        var program = RepositoryFiles.PathOf("LogPartitioning.Tests/SetUp/fake-dotnet.sh");
        File.CreateSymbolicLink(machine.At("bin", "dotnet"), program);
        var built = machine.At("tree", "LogPartitioning.AppHost", "bin", "Release", "net10.0");
        Directory.CreateDirectory(built);
        File.CreateSymbolicLink(Path.Combine(built, "LogPartitioning.AppHost"), program);
        return machine;
    }

    /// <summary>What the scripts put into the cache, by name, without their lock.</summary>
    public IEnumerable<string> Cached =>
        Directory.Exists(Cache) ? Directory.EnumerateFileSystemEntries(Cache).Select(Path.GetFileName).Where(name => name != "kafka.lock").Order()! : [];

    /// <summary>The folder whose name <c>XDG_CACHE_HOME</c> holds.</summary>
    public string CacheHome => At("cache");

    /// <summary>The jar of the release, once it is unpacked.</summary>
    public string Jar => Path.Combine(Cache, FakeRelease.Name, "libs", $"{FakeRelease.Name}.jar");

    /// <summary>Where the archive is gathered.</summary>
    public string Part => Path.Combine(Cache, $"{FakeRelease.Name}.tgz.part");

    private string Cache => Path.Combine(CacheHome, "logpartitioning");

    public string At(params string[] parts) => _folder.At(parts);

    /// <summary>Copies a folder of the repository to where the scripts look for it.</summary>
    public void CopyFolder(string path)
    {
        var root = RepositoryFiles.PathOf(path);
        foreach (var file in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories))
        {
            var copy = At("tree", path, Path.GetRelativePath(root, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    /// <summary>Leaves the first bytes of the archive in the cache, as a set-up does that is ended half-way.</summary>
    public void LeavePart(byte[] bytes)
    {
        Directory.CreateDirectory(Cache);
        File.WriteAllBytes(Part, bytes);
    }

    /// <summary>Copies a script of the repository's root to where a user finds it.</summary>
    public void CopyScript(string name) => File.Copy(RepositoryFiles.PathOf(name), At("tree", name));

    /// <summary>Runs a function of the set-up scripts.</summary>
    /// <param name="mirrors">The addresses to fetch from.</param>
    /// <param name="function">The function.</param>
    /// <param name="surroundings">Shell commands that make an environment before it.</param>
    /// <returns>Its exit code and all that it wrote.</returns>
    public Task<(int ExitCode, string Output)> RunAsync(string mirrors, string function = "setup_kafka", string surroundings = ":") =>
        RunShellAsync([$"XDG_CACHE_HOME={CacheHome}", $"LOGPARTITIONING_KAFKA_MIRROR={mirrors}"], $"{surroundings}; bash -c 'set -euo pipefail; source setup/setup.sh; {function}'");

    /// <summary>Runs shell commands in the tree.</summary>
    public Task<(int ExitCode, string Output)> RunShellAsync(string commands) => RunShellAsync([], commands);

    private async Task<(int ExitCode, string Output)> RunShellAsync(string[] variables, string commands)
    {
        // Nothing of this process's environment but what is said here.
        using var scripts = ChildProgram.Start(
            "env", ["--ignore-environment", $"PATH={At("bin")}", $"HOME={At("home")}", .. variables, At("bin", "bash"), "-c", commands], folder: At("tree"));
        return (await scripts.WaitForExitAsync(TimeSpan.FromSeconds(60)), scripts.Output);
    }

    public void Dispose() => _folder.Dispose();
}
