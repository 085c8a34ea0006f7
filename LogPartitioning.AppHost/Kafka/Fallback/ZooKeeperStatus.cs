using System.Net;
using System.Net.Sockets;
using System.Text;

namespace LogPartitioning.AppHost.Kafka.Fallback;

/// <summary>Asks a ZooKeeper on loopback by its four-letter commands.</summary>
internal static class ZooKeeperStatus
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    // A session of a killed broker lives on for its timeout (6 s), and from zero again when ZooKeeper restarts.
    private static readonly TimeSpan RegistrationTimeout = TimeSpan.FromSeconds(60);

    /// <summary>The answer to <paramref name="word"/>, for example <c>imok</c> to <c>ruok</c>.</summary>
    /// <exception cref="SocketException">Nothing listens on <paramref name="port"/>.</exception>
    public static async Task<string> AskAsync(int port, string word, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(word), cancellationToken);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        return await reader.ReadToEndAsync(cancellationToken);
    }

    /// <summary>Waits until broker <paramref name="brokerId"/> is not registered.</summary>
    /// <remarks>A broker that was killed stays registered until its session ends, and its successor
    /// gives up at once when it finds its own id taken.</remarks>
    /// <exception cref="TimeoutException">It was still registered after 60 s: another process runs that broker.</exception>
    public static async Task WaitUntilUnregisteredAsync(int port, int brokerId, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(RegistrationTimeout);
        var path = $"/brokers/ids/{brokerId}";
        try
        {
            while (await IsRegisteredAsync(port, path, deadline.Token) is not false)
            {
                await Task.Delay(Interval, deadline.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"Broker {brokerId} is still registered with ZooKeeper on port {port} after {RegistrationTimeout.TotalSeconds:0} s, or ZooKeeper does not answer.");
        }
    }

    private static async Task<bool?> IsRegisteredAsync(int port, string path, CancellationToken cancellationToken)
    {
        try
        {
            var sessions = await AskAsync(port, "dump", cancellationToken);
            return !sessions.Contains("SessionTracker", StringComparison.Ordinal)
                ? null
                : sessions.Split('\n').Any(line => line.Trim() == path);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return null; // ZooKeeper is not up yet
        }
    }
}
