using System.Globalization;

namespace LogPartitioning.Tests.Processes;

/// <summary>Which packets are lost, as seen from the processes that are cut off.</summary>
[Flags]
internal enum Lost
{
    /// <summary>What they send.</summary>
    Sent = 1,

    /// <summary>What is sent to them.</summary>
    Received = 2,
}

/// <summary>
/// Loses packets between some processes and the servers behind some ports, without a word to either side: nothing is refused, nothing is
/// closed. Only root may.
/// </summary>
internal sealed class NetworkCut : IAsyncDisposable
{
    private const string Program = "iptables";
    private const string Filter = "filter";
    private readonly string _comment = $"log-partitioning {Guid.NewGuid():N}";
    private readonly List<(string Table, string[] Rule)> _rules = [];

    private NetworkCut()
    {
    }

    /// <summary>Why no network can be cut here; null where one can.</summary>
    public static string? WhyNot =>
        !Environment.IsPrivilegedProcess ? "Only root may cut a network."
        : ProcessGroup.Root is null ? "The kernel has no control groups of version 2."
        : InstalledPrograms.Find(Program) is null ? $"{Program} is not installed."
        : null;

    /// <summary>Cuts processes off from servers.</summary>
    /// <param name="clients">Who opens the connections.</param>
    /// <param name="ports">Where the servers listen; at most 15.</param>
    /// <param name="lost">Which packets are lost.</param>
    /// <param name="share">How many of them are, up to 1.</param>
    public static async Task<NetworkCut> BetweenAsync(
        ProcessGroup clients, IReadOnlyList<int> ports, Lost lost = Lost.Sent | Lost.Received, double share = 1)
    {
        var cut = new NetworkCut();
        try
        {
            await cut.AddAsync(clients, ports, lost, share);
            return cut;
        }
        catch
        {
            await cut.DisposeAsync();
            throw;
        }
    }

    /// <summary>Cuts off further processes.</summary>
    public async Task AddAsync(ProcessGroup clients, IReadOnlyList<int> ports, Lost lost = Lost.Sent | Lost.Received, double share = 1)
    {
        var list = string.Join(',', ports.Select(port => port.ToString(CultureInfo.InvariantCulture)));
        string[] some = share < 1 ? ["-m", "statistic", "--mode", "random", "--probability", share.ToString(CultureInfo.InvariantCulture)] : [];
        // The kernel knows whose a packet is that is sent, not whose it will be that comes in: the connection carries a mark.
        var mark = string.Create(CultureInfo.InvariantCulture, $"{Random.Shared.Next(1, int.MaxValue)}");
        string[] drop = ["-m", "connmark", "--mark", mark, .. some, "-m", "comment", "--comment", _comment, "-j", "DROP"];
        await InsertAsync("mangle", ["OUTPUT", "-p", "tcp", "-m", "multiport", "--dports", list, "-m", "cgroup", "--path", clients.Name, "-j", "CONNMARK", "--set-mark", mark]);
        if (lost.HasFlag(Lost.Sent))
        {
            await InsertAsync(Filter, ["OUTPUT", "-p", "tcp", "-m", "multiport", "--dports", list, .. drop]);
        }

        if (lost.HasFlag(Lost.Received))
        {
            await InsertAsync(Filter, ["INPUT", "-p", "tcp", "-m", "multiport", "--sports", list, .. drop]);
        }
    }

    /// <summary>How many packets each of its rules has lost so far.</summary>
    public async Task<IReadOnlyList<long>> PacketsAsync()
    {
        var lines = (await RunAsync("-nvxL")).Split('\n').Where(line => line.Contains(_comment, StringComparison.Ordinal));
        return [.. lines.Select(line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], CultureInfo.InvariantCulture))];
    }

    /// <summary>Mends the network.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var (table, rule) in _rules)
        {
            await RunAsync(["-t", table, "-D", .. rule]);
        }

        _rules.Clear();
    }

    private async Task InsertAsync(string table, string[] rule)
    {
        await RunAsync(["-t", table, "-I", .. rule]);
        _rules.Add((table, rule));
    }

    // Another program may be changing the rules just now: it waits.
    private static Task<string> RunAsync(params string[] arguments) => ChildProgram.RunAsync(Program, ["-w", .. arguments]);
}
