namespace LogPartitioning.Tests.Door;

/// <summary>Many of them.</summary>
internal sealed class SlowSenders : IAsyncDisposable
{
    private readonly Func<Task<SlowSender>> _start;
    private readonly SlowSender[] _senders;

    private SlowSenders(Func<Task<SlowSender>> start, SlowSender[] senders) => (_start, _senders) = (start, senders);

    public IReadOnlyList<SlowSender> Senders => _senders;

    public static async Task<SlowSenders> StartAsync(int count, Uri server, string path, int begin, int bytesPerSecond)
    {
        return new(Start, await Task.WhenAll(Enumerable.Range(0, count).Select(_ => Start())));

        Task<SlowSender> Start() => SlowSender.StartAsync(server, path, begin, bytesPerSecond);
    }

    /// <summary>Starts another one in the place of each that is like this.</summary>
    public async Task ReplaceAsync(Func<SlowSender, bool> isToGo)
    {
        for (var i = 0; i < _senders.Length; i++)
        {
            if (isToGo(_senders[i]))
            {
                await _senders[i].DisposeAsync();
                _senders[i] = await _start();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var sender in _senders)
        {
            await sender.DisposeAsync();
        }
    }
}
