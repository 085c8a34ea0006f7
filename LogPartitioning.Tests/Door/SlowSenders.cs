namespace LogPartitioning.Tests.Door;

/// <summary>Many of them.</summary>
internal sealed class SlowSenders(IReadOnlyList<SlowSender> senders) : IAsyncDisposable
{
    public IReadOnlyList<SlowSender> Senders => senders;

    public static async Task<SlowSenders> StartAsync(int count, Uri server, string path, int begin, int bytesPerSecond) =>
        new(await Task.WhenAll(Enumerable.Range(0, count).Select(_ => SlowSender.StartAsync(server, path, begin, bytesPerSecond))));

    public async ValueTask DisposeAsync()
    {
        foreach (var sender in senders)
        {
            await sender.DisposeAsync();
        }
    }
}
