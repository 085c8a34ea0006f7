namespace LogPartitioning.LoadTest.Sending;

/// <summary>Runs lanes side by side; the first failure ends them all.</summary>
internal static class LaneRun
{
    /// <param name="sender">Sends each lane.</param>
    /// <param name="lanes">What to send.</param>
    /// <param name="concurrency">Lanes at a time.</param>
    /// <param name="stop">Ends the making of new events.</param>
    /// <param name="abandon">Ends everything at once.</param>
    public static async Task RunAsync(
        LaneSender sender, IEnumerable<IEventLane> lanes, int concurrency, CancellationTokenSource stop, CancellationTokenSource abandon)
    {
        // Not the stop token: a lane that was stopped still brings its last request to an end.
        var options = new ParallelOptions { MaxDegreeOfParallelism = concurrency, CancellationToken = CancellationToken.None };
        await Parallel.ForEachAsync(lanes, options, async (lane, _) =>
        {
            using var open = lane;
            try
            {
                await sender.RunAsync(lane, stop.Token, abandon.Token).ConfigureAwait(false);
            }
            catch
            {
                // A ledger that cannot be written, a file that cannot be read: no lane can go on unaudited.
                await stop.CancelAsync().ConfigureAwait(false);
                throw;
            }
        }).ConfigureAwait(false);
    }
}
