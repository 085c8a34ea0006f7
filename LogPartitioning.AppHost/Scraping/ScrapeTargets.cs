using System.Text;
using System.Text.RegularExpressions;

namespace LogPartitioning.AppHost.Scraping;

/// <summary>What Prometheus scrapes: one target for each service instance.</summary>
internal sealed partial class ScrapeTargets(IReadOnlyList<EndpointReference> endpoints)
{
    /// <summary>The file that Prometheus's file-based discovery reads. The label <c>instance</c> is the resource's
    /// name, <c>job</c> the same without the replica's number.</summary>
    public async Task<string> ToYamlAsync(CancellationToken cancellationToken)
    {
        var yaml = new StringBuilder();
        foreach (var endpoint in endpoints)
        {
            var instance = endpoint.Resource.Name;
            var address = await endpoint.Property(EndpointProperty.HostAndPort).GetValueAsync(cancellationToken);
            yaml.Append("- targets: ['").Append(address).Append("']\n");
            yaml.Append("  labels: { job: ").Append(ReplicaNumber().Replace(instance, "")).Append(", instance: ").Append(instance).Append(" }\n");
        }

        return yaml.ToString();
    }

    [GeneratedRegex(@"-\d+$")]
    private static partial Regex ReplicaNumber();
}
