using LogPartitioning.Tests.Processes;

namespace LogPartitioning.Tests.SetUp;

/// <summary>The scripts where the shell's environment is not the usual one: they work, or a line says what to set.</summary>
public sealed class OddEnvironmentTests : IDisposable
{
    private const string Start = "bash tree/run.sh --Infrastructure:Mode=External --check";

    private readonly SetUpMachine _machine = SetUpMachine.WithBuiltPrograms();

    public static TheoryData<string> Surroundings =>
    [
        ":",
        "export CDPATH=.:..:/",
        "unset HOME",
        "export POSIXLY_CORRECT=1",
        "export SHELLOPTS; set -o posix",
        "shopt -s nullglob failglob; export BASHOPTS",
        "export LC_ALL=C",
        "export LC_ALL=tr_TR.UTF-8",
        "mkdir -p '../tem porary' && export TMPDIR=\"${PWD%/*}/tem porary\"",
        "umask 077",
        "umask 000",
        "export GREP_OPTIONS=--color=always GREP_COLOR=31 TAR_OPTIONS=--verbose GZIP=-v",
        "export Version=latest PLATFORM=x64 OutDir=/nowhere",
        "exec <&-",
    ];

    public void Dispose() => _machine.Dispose();

    [Theory]
    [MemberData(nameof(Surroundings))]
    public async Task The_application_starts(string surroundings)
    {
        var (code, output) = await _machine.RunShellAsync($"{surroundings}; builtin cd ..; {Start}");

        Assert.True(code == 0, output);
        Assert.Contains("build build LogPartitioning.sln -c Release -v q -nologo -clp:NoSummary, properties: \n", output, StringComparison.Ordinal);
        Assert.Contains($"started with --contentRoot={_machine.At("tree", "LogPartitioning.AppHost")} --Infrastructure:Mode=External --CheckOnly=true\n", output, StringComparison.Ordinal);
        Assert.Contains("posix unset", output, StringComparison.Ordinal);
        Assert.Contains("input open", output, StringComparison.Ordinal);
        // Nobody else may write what is made from here on.
        Assert.Matches("mask 00[2-7][2367]", output);
        Assert.DoesNotContain("home ,", output, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Surroundings))]
    public async Task Every_script_tells_how_it_is_used(string surroundings)
    {
        var (code, output) = await _machine.RunShellAsync($"{surroundings}; builtin cd ..; bash tree/run.sh --help && bash tree/test.sh --help && bash tree/test-partitioning.sh --help");

        Assert.True(code == 0, output);
        Assert.Contains("usage: ./run.sh", output, StringComparison.Ordinal);
        Assert.Contains("usage: ./test.sh", output, StringComparison.Ordinal);
        Assert.Contains($"started with {_machine.At("tree")}/LogPartitioning.LoadTest/bin/Release/net10.0/LogPartitioning.LoadTest.dll check-partitioning --help\n", output, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Surroundings))]
    public async Task The_release_is_fetched(string surroundings)
    {
        await using var site = new DownloadSite(FakeRelease.Path, FakeRelease.Archive);

        var (code, output) = await _machine.RunAsync(site.Address, surroundings: surroundings);

        Assert.True(code == 0, output);
        Assert.True(File.Exists(_machine.Jar), output);
        // Beside it only what bash says about a locale that this machine lacks.
        Assert.Single(output.TrimEnd().Split('\n'), line => !line.Contains("setlocale", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Another_shell_hands_over_to_bash()
    {
        var (code, output) = await _machine.RunShellAsync("/bin/sh run.sh --Infrastructure:Mode=External --check");

        Assert.True(code == 0, output);
        Assert.Contains("started with", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("export HOME=/nonexistent", "HOME is \"/nonexistent\", which is no folder that may be written: set HOME to the full path of one")]
    [InlineData("export HOME=home", "HOME is \"home\", which is no folder that may be written: set HOME to the full path of one")]
    [InlineData("export TMPDIR=/nonexistent", "TMPDIR is \"/nonexistent\", which is no folder that may be written: set TMPDIR to one, or unset it")]
    public async Task What_cannot_work_is_told_with_what_to_set(string surroundings, string line)
    {
        var (code, output) = await _machine.RunShellAsync($"{surroundings}; cd ..; {Start}");

        Assert.Equal((1, $"set-up: {line}\n"), (code, output));
    }

    [Theory]
    [InlineData("a für 'mich' \"b\" [x] {y} & $HOME, #1 ~ = + ^ !", true)]
    [InlineData("a;b", false)]
    [InlineData("a%41b", false)]
    [InlineData("a*b", false)]
    [InlineData("a?b", false)]
    [InlineData("a:b", false)]
    [InlineData("a|b", false)]
    [InlineData("a\\b", false)]
    [InlineData("a\nb", false)]
    [InlineData("a\tb", false)]
    [InlineData("a@(b)", false)]
    public async Task A_checkout_with_a_name_that_the_build_cannot_take_is_told(string name, bool works)
    {
        Directory.Move(_machine.At("tree"), _machine.At(name));
        Directory.CreateDirectory(_machine.At("tree"));

        var (code, output) = await _machine.RunShellAsync($"cd ..; name=$'{name.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("'", @"\'", StringComparison.Ordinal)}'; bash \"$name/run.sh\" --Infrastructure:Mode=External --check");

        Assert.Equal(works ? 0 : 1, code);
        Assert.Equal(works, output.Contains($"started with --contentRoot={_machine.At(name)}/LogPartitioning.AppHost ", StringComparison.Ordinal));
        Assert.Equal(!works, output.Contains("which the build cannot take: move it", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_checkout_that_may_not_be_written_is_told()
    {
        // To root no permission says no, so another user runs it.
        var asAnother = "";
        if (Environment.IsPrivilegedProcess)
        {
            asAnother = "/usr/bin/setpriv --reuid=65534 --regid=65534 --clear-groups ";
            await ChildProgram.RunAsync("chmod", ["a+x", _machine.At()]);
            await ChildProgram.RunAsync("chmod", ["a+w", _machine.At("home")]);
        }

        await ChildProgram.RunAsync("chmod", ["a-w", _machine.At("tree")]);
        var (code, output) = await _machine.RunShellAsync($"cd ..; {asAnother}{Start}");
        await ChildProgram.RunAsync("chmod", ["u+w", _machine.At("tree")]);

        Assert.Equal((1, $"set-up: {_machine.At("tree")} may not be written, and the build writes there: copy the checkout to a folder that may\n"), (code, output));
    }

    [Fact]
    public async Task Clean_deletes_what_a_link_leads_to_and_keeps_the_link()
    {
        Directory.CreateDirectory(_machine.At("elsewhere", "kafka"));
        File.CreateSymbolicLink(_machine.At("tree", ".data"), _machine.At("elsewhere"));

        var (code, output) = await _machine.RunShellAsync("bash run.sh clean");

        Assert.Equal((0, "deleted .data/\n"), (code, output));
        Assert.True(Directory.Exists(_machine.At("tree", ".data")));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_machine.At("elsewhere")));
    }

    [Fact]
    public async Task Clean_deletes_nothing_under_a_server_that_still_runs()
    {
        Directory.CreateDirectory(_machine.At("tree", ".data", "postgres", "cluster"));

        var (code, output) = await _machine.RunShellAsync("sed -i 's/is_free 30/is_free 1/' run.sh; exec 9< .data/postgres/cluster; flock 9; bash run.sh clean 9<&-");

        Assert.True(code == 1, output);
        Assert.Contains("stop it first", output, StringComparison.Ordinal);
        Assert.True(Directory.Exists(_machine.At("tree", ".data", "postgres", "cluster")));
    }
}
