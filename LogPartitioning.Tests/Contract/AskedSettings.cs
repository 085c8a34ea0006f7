using Aspire.Hosting.Testing;
using Microsoft.Extensions.Configuration;

namespace LogPartitioning.Tests.Contract;

/// <summary>Which settings the AppHost asks for while it puts the application together.</summary>
internal sealed class AskedSettings : ConfigurationProvider, IConfigurationSource
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);
    private readonly HashSet<string> _asked = new(StringComparer.OrdinalIgnoreCase);

    private AskedSettings(IEnumerable<string> arguments)
    {
        foreach (var argument in arguments)
        {
            var parts = argument.TrimStart('-').Split('=', 2);
            Data[parts[0]] = parts[1];
        }
    }

    /// <summary>The keys asked for with these arguments, each given as <c>--Name:Part=value</c>.</summary>
    public static async Task<IReadOnlySet<string>> ByAppHostAsync(params string[] arguments)
    {
        using var timeout = new CancellationTokenSource(s_patience);
        var asked = new AskedSettings(arguments);
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.LogPartitioning_AppHost>(
            ["--hostBuilder:reloadConfigOnChange=false"],
            (_, host) => (host.Configuration ??= new()).Sources.Insert(0, asked),
            timeout.Token);
        return asked.SoFar();
    }

    IConfigurationProvider IConfigurationSource.Build(IConfigurationBuilder builder) => this;

    /// <summary>A copy: what the builder started in the background goes on asking.</summary>
    private HashSet<string> SoFar()
    {
        lock (_asked)
        {
            return new(_asked, _asked.Comparer);
        }
    }

    public override bool TryGet(string key, out string? value)
    {
        lock (_asked)
        {
            _asked.Add(key);
        }

        return base.TryGet(key, out value);
    }
}
