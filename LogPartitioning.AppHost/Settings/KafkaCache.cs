using System.Text.RegularExpressions;
using LogPartitioning.AppHost.Kafka.Fallback;

namespace LogPartitioning.AppHost.Settings;

/// <summary>The Apache Kafka that the set-up scripts fetched (<c>setup/kafka/fetch.sh</c>).</summary>
internal static partial class KafkaCache
{
    /// <summary>Its folder: the newest release, else the fallback; null when set-up fetched none.</summary>
    public static string? Find(SettingsReader reader)
    {
        var caches = reader.Text("XDG_CACHE_HOME") is { } xdg ? xdg
            : reader.Text("HOME") is { } home ? Path.Combine(home, ".cache")
            : null;
        if (caches is null || Path.Combine(caches, "logpartitioning") is var cache && !Directory.Exists(cache))
        {
            return null;
        }

        return Directory.EnumerateDirectories(cache, "kafka_*")
            .Select(folder => (Folder: folder, Release: Release().Match(Path.GetFileName(folder))))
            .Where(candidate => candidate.Release.Success)
            .OrderByDescending(candidate => Version.Parse(candidate.Release.Groups["version"].Value))
            .Select(candidate => candidate.Folder)
            .Append(FallbackKafka.FolderIn(cache))
            .FirstOrDefault(Directory.Exists);
    }

    [GeneratedRegex(@"^kafka_\d+\.\d+-(?<version>\d+(\.\d+){1,3})$")]
    private static partial Regex Release();
}
