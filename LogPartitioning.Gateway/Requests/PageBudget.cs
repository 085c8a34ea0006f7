namespace LogPartitioning.Gateway.Requests;

/// <summary>
/// Bytes of pages that are held at once, over all requests: from before a page is read until its client has taken it. So neither
/// many requests nor clients that take their answers slowly use up the memory.
/// </summary>
internal sealed class PageBudget
{
    /// <summary>How much is held at once.</summary>
    public const int TotalBytes = 16 * 1024 * 1024;

    private const int UnitBytes = 64 * 1024;
    private const int TotalUnits = TotalBytes / UnitBytes;

    // Who waits holds a request and nothing else, and with pages of usual size this many are served in a second or two.
    private const int WaitingUnits = 64 * TotalUnits;

    private readonly BoundedTurns _units = new("As many pages are being read as may be. Try again soon.", TotalUnits, WaitingUnits, TimeSpan.FromSeconds(5));

    /// <summary>How long a client may take over a page: a client of 30 KB/s has the largest one by then.</summary>
    public TimeSpan TakingTime { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Room for a page of at most <paramref name="bytes"/>, until the request ends.</summary>
    /// <exception cref="BusyException">There was none in time.</exception>
    public async Task<Place> ReserveAsync(HttpContext context, int bytes, CancellationToken cancellationToken)
    {
        var place = new Place(this, context, await _units.TakeAsync(UnitsOf(bytes), cancellationToken));
        context.Response.RegisterForDispose(place);
        return place;
    }

    private static int UnitsOf(long bytes) => (int)Math.Clamp((bytes + UnitBytes - 1) / UnitBytes, 1, TotalUnits);

    /// <summary>What a request holds of the budget.</summary>
    internal sealed class Place(PageBudget budget, HttpContext context, BoundedTurns.Turn units) : IDisposable
    {
        private readonly CancellationTokenSource _taken = new();
        private CancellationTokenRegistration _abort;

        /// <summary>The page is there and has this size. From now on its client has <see cref="TakingTime"/> to take it.</summary>
        public void Hold(long bytes)
        {
            units.Lighten(UnitsOf(bytes));
            _abort = _taken.Token.Register(context.Abort);
            _taken.CancelAfter(budget.TakingTime);
        }

        /// <inheritdoc />
        public void Dispose()
        {
            // Waits for one that has begun: the server gives the context to the next request when this one is over.
            _abort.Dispose();
            _taken.Dispose();
            units.Dispose();
        }
    }
}
