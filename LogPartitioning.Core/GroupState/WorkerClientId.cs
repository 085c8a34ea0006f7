using System.Globalization;

namespace LogPartitioning.Core.GroupState;

/// <summary>The Kafka client id of a worker: <c>0/consumer-1</c> for the worker that is called <c>consumer-1/0</c> everywhere else.</summary>
/// <remarks>Brokers make the member id from it, and the sticky assignors give partitions that are left over to the
/// members in the order of their ids. With the worker's number in front those are workers of different instances;
/// the other way around the first instance would get them all.</remarks>
public static class WorkerClientId
{
    /// <summary>The client id of a worker.</summary>
    /// <param name="name">Its name, <c>instance/worker</c>.</param>
    public static string FromName(string name)
    {
        var slash = name.LastIndexOf('/');
        return IsWorker(name) ? $"{name[(slash + 1)..]}/{name[..slash]}" : name;
    }

    /// <summary>The name of the worker with this client id; any other client's id as it is.</summary>
    public static string ToName(string clientId)
    {
        var slash = clientId.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && slash < clientId.Length - 1 && IsNumber(clientId.AsSpan(0, slash)) ? $"{clientId[(slash + 1)..]}/{clientId[..slash]}" : clientId;
    }

    /// <summary>Takes a name apart; a member that is no worker of this project is an instance with one worker.</summary>
    public static (string Instance, int Worker) Split(string name)
    {
        var slash = name.LastIndexOf('/');
        return slash > 0 && int.TryParse(name.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var worker)
            ? (name[..slash], worker)
            : (name, 0);
    }

    /// <summary>Whether a name is that of a worker of this project, and not any other client's.</summary>
    public static bool IsWorker(string name)
    {
        var slash = name.LastIndexOf('/');
        return slash > 0 && IsNumber(name.AsSpan(slash + 1));
    }

    private static bool IsNumber(ReadOnlySpan<char> text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _);
}
