using System.Diagnostics;
using System.Globalization;
using System.Net.NetworkInformation;
using System.Security.Cryptography;
using LogPartitioning.Tests.Processes;

namespace LogPartitioning.Tests.Containers;

/// <summary>A Docker engine of a test's own: its images, volumes and networks are in a folder that is deleted at the end, and it
/// leaves alone an engine that runs on this machine already.</summary>
internal sealed class DockerDaemon : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder _folder = new();
    private readonly string _bridge = $"lp-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}";
    private ChildProgram? _daemon;
    private string[]? _rule;

    private DockerDaemon()
    {
    }

    /// <summary>The environment in which <c>docker</c> means this engine.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string> { ["DOCKER_HOST"] = $"unix://{Socket}" };

    private string Socket => _folder.At("docker.sock");

    /// <summary>Starts the engine.</summary>
    /// <exception cref="CannotStartException">This machine cannot run one; the message says why.</exception>
    public static async Task<DockerDaemon> StartAsync()
    {
        RequireClient();
        if (!OperatingSystem.IsLinux() || !System.Environment.IsPrivilegedProcess)
        {
            throw new CannotStartException("starting a Docker engine needs root on Linux");
        }

        var daemon = new DockerDaemon();
        try
        {
            await daemon.StartCoreAsync();
            return daemon;
        }
        catch (Exception e) when (e is CommandFailedException or TimeoutException)
        {
            await daemon.DisposeAsync();
            throw new CannotStartException(e.Message);
        }
        catch
        {
            await daemon.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs <c>docker</c> with this engine.</summary>
    /// <returns>The lines of its answer.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(params IReadOnlyList<string> arguments)
    {
        var answer = await ChildProgram.RunAsync("docker", arguments, Environment);
        return answer.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    public async ValueTask DisposeAsync()
    {
        if (_daemon is not null)
        {
            await RemoveLeftoversAsync();
            await _daemon.StopAsync(StopTimeout);
        }

        if (_rule is not null)
        {
            await ChildProgram.RunAsync("iptables", ["--delete", .. _rule]);
        }

        // What an engine that was stopped in the middle of something may leave.
        foreach (var mount in MountsBelow(_folder.Path))
        {
            await ChildProgram.RunAsync("umount", [mount]);
        }

        if (NetworkInterface.GetAllNetworkInterfaces().Any(network => network.Name == _bridge))
        {
            await ChildProgram.RunAsync("ip", ["link", "delete", _bridge]);
        }

        _folder.Dispose();
    }

    // 20.10, which Debian 12 has, is too old for Aspire: it starts no container with it, and says nothing.
    private static void RequireClient()
    {
        using var process = Process.Start(new ProcessStartInfo("docker", ["--version"]) { RedirectStandardOutput = true })!;
        var version = process.StandardOutput.ReadToEnd();

        // "Docker version 28.2.2, build e6534b4"; Podman in Docker's clothes says "podman version …".
        var words = version.Split([' ', ',', '.'], StringSplitOptions.RemoveEmptyEntries);
        if (words is not ["Docker", "version", var major, ..] || !int.TryParse(major, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < 23)
        {
            throw new CannotStartException($"the docker on the PATH must be Docker's client 23 or later; it is \"{version.Trim()}\"");
        }
    }

    private async Task StartCoreAsync()
    {
        var networks = FreeNetworks();
        await ChildProgram.RunAsync("ip", ["link", "add", "name", _bridge, "type", "bridge"]);
        await ChildProgram.RunAsync("ip", ["address", "add", $"{networks}.0.1/24", "dev", _bridge]);
        await ChildProgram.RunAsync("ip", ["link", "set", _bridge, "up"]);

        // Where another engine runs or has run, it has forbidden all forwarding but its own, on bridges too.
        string[] rule = ["FORWARD", "--source", $"{networks}.0.0/16", "--destination", $"{networks}.0.0/16", "--jump", "ACCEPT"];
        await ChildProgram.RunAsync("iptables", ["--insert", .. rule]);
        _rule = rule;
        _daemon = ChildProgram.Start(
            "dockerd",
            [
                "--data-root", _folder.At("data"), "--exec-root", _folder.At("run"), "--pidfile", _folder.At("pid"), "--host", $"unix://{Socket}",
                // Without these it would read what was meant for another engine, or share that one's containerd.
                "--config-file", await EmptyConfigurationAsync(), "--containerd-namespace", _bridge, "--containerd-plugins-namespace", $"{_bridge}-plugins",
                "--bridge", _bridge, "--default-address-pool", $"base={networks}.128.0/17,size=24",
                // Its own rules would take the place of another engine's. Ports are published by a proxy, which needs none.
                "--iptables=false", "--ip6tables=false", "--ip-forward=false", "--ip-masq=false",
            ]);
        await Eventually.SeesAsync(
            "dockerd answers",
            async _ =>
            {
                if (_daemon.HasExited)
                {
                    throw new CommandFailedException($"dockerd ended: {LastError(_daemon.Output)}");
                }

                try
                {
                    await RunAsync("ps");
                    return "yes";
                }
                catch (CommandFailedException e)
                {
                    return e.Message;
                }
            },
            answer => answer == "yes",
            StartTimeout);
    }

    // Of an application that did not end in order. The engine alone would leave the bridges of its networks.
    private async Task RemoveLeftoversAsync()
    {
        try
        {
            if (await RunAsync("ps", "--all", "--quiet") is { Count: > 0 } containers)
            {
                await RunAsync(["rm", "--force", "--volumes", .. containers]);
            }

            await RunAsync("network", "prune", "--force");
        }
        catch (CommandFailedException) when (_daemon!.HasExited)
        {
            // It never started.
        }
    }

    private async Task<string> EmptyConfigurationAsync()
    {
        var file = _folder.At("daemon.json");
        await File.WriteAllTextAsync(file, "{}");
        return file;
    }

    private static string LastError(string output) =>
        output.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault() ?? "it said nothing";

    // The first two numbers of a range of private addresses that this machine does not use.
    private static string FreeNetworks()
    {
        var used = NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(network => network.GetIPProperties().UnicastAddresses)
            .Select(unicast => unicast.Address.ToString())
            .ToList();
        return Enumerable.Range(0, 100)
            .Select(_ => string.Create(CultureInfo.InvariantCulture, $"10.{RandomNumberGenerator.GetInt32(100, 250)}"))
            .First(candidate => !used.Exists(address => address.StartsWith($"{candidate}.", StringComparison.Ordinal)));
    }

    // proc(5): the fifth field is where it is mounted. The innermost first.
    private static List<string> MountsBelow(string folder) =>
    [
        .. File.ReadLines("/proc/self/mountinfo")
            .Select(line => line.Split(' ')[4])
            .Where(mount => mount.StartsWith($"{folder}/", StringComparison.Ordinal))
            .OrderByDescending(mount => mount.Length),
    ];
}

/// <summary>This machine cannot run what a test needs.</summary>
internal sealed class CannotStartException(string message) : Exception(message);
