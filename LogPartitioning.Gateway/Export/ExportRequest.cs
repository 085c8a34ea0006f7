using LogPartitioning.Gateway.Query;

namespace LogPartitioning.Gateway.Export;

/// <summary>Which events a file is to have, and how it is written.</summary>
/// <param name="Filter">Which events. Its limit is the file's, and larger than that of a page.</param>
/// <param name="Format">How it is written.</param>
internal sealed record ExportRequest(LogFilter Filter, ExportFormat Format)
{
    /// <summary>The next page of the file.</summary>
    public LogFilter PageAfter(LogCursor? cursor, int written) => Filter with { After = cursor, Limit = Math.Min(LogFilter.MaxLimit, Filter.Limit - written) };
}
