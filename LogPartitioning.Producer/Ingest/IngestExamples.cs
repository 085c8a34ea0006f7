namespace LogPartitioning.Producer.Ingest;

/// <summary>Examples for the OpenAPI document.</summary>
internal static class IngestExamples
{
    public const string OneEvent = """
        { "id": "0199b0c4-5f0e-7a44-9a9f-0d7c4a5b6e21", "source": "checkout-7", "level": "Information",
          "message": "order placed", "timestamp": "2026-11-22T07:00:00.123Z", "attributes": { "orderId": "42" } }
        """;

    public const string Lines = """
        {"source":"checkout-7","level":"info","message":"order placed"}
        {"source":"search-1","level":"WARN","message":"slow query","attributes":{"ms":1840}}
        """;

    public const string ManyAnswered = """
        { "accepted": 1, "rejected": 1, "results": [
          { "index": 0, "status": "accepted", "id": "0199b0c4-5f0e-7a44-9a9f-0d7c4a5b6e21", "partition": 10, "offset": 1041 },
          { "index": 1, "status": "rejected", "error": "source is required" } ] }
        """;

    public const string InvalidEvent = """
        { "title": "The event breaks a rule.", "status": 400, "detail": "source is required.",
          "errors": { "source": [ "is required" ] } }
        """;
}
