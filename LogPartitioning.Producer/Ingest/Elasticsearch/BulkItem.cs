namespace LogPartitioning.Producer.Ingest.Elasticsearch;

/// <summary>One action of a bulk request.</summary>
/// <param name="Action">What is asked for: <c>index</c>, <c>create</c>, <c>update</c> or <c>delete</c>.</param>
/// <param name="Index">The index that it is for; null where none is named.</param>
/// <param name="Id">The id that the client gave the document; null where it gave none.</param>
internal readonly record struct BulkItem(string Action, string? Index, string? Id)
{
    /// <summary>Whether it adds a document, which is all that can be done here.</summary>
    public bool IsAdding => Action is "index" or "create";
}

/// <summary>The actions of a request, for its answer.</summary>
/// <param name="Items">In the order of its events.</param>
internal sealed record BulkItems(IReadOnlyList<BulkItem> Items);
