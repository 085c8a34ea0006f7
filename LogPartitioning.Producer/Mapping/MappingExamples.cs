namespace LogPartitioning.Producer.Mapping;

/// <summary>Examples for the OpenAPI document.</summary>
internal static class MappingExamples
{
    public const string Split = """{ "keys": 4 }""";

    public const string SplitMapping = """
        {
          "source": "checkout-7",
          "keys": [
            { "key": "checkout-7-1", "partition": 2 }, { "key": "checkout-7-2", "partition": 7 },
            { "key": "checkout-7-3", "partition": 10 }, { "key": "checkout-7-4", "partition": 9 }
          ],
          "events": 61200, "share": 0.51, "hot": false, "split": "api"
        }
        """;

    public const string Mapping = """
        {
          "partitions": 12, "windowSeconds": 60, "windowEvents": 24000, "imbalance": 6.5, "errorBound": 120,
          "sources": [
            { "source": "checkout-7", "keys": [ { "key": "checkout-7", "partition": 10 } ],
              "events": 61200, "share": 0.51, "hot": true, "suggestedKeys": 5 },
            { "source": "search-1", "keys": [ { "key": "search-1", "partition": 4 } ],
              "events": 9800, "share": 0.08, "hot": false }
          ],
          "load": [ { "partition": 0, "events": 980, "share": 0.04, "hot": false } ]
        }
        """;
}
