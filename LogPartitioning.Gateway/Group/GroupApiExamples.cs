namespace LogPartitioning.Gateway.Group;

/// <summary>Answers as they look, for the OpenAPI document.</summary>
internal static class GroupApiExamples
{
    public const string Lag = """
        {"group":"log-processors","topic":"log-events","at":"2026-11-22T07:00:30+00:00","problem":null,"state":"Stable","members":9,
        "totalLag":120,"verdict":"OK","reason":"120 records wait, and the lag falls or is too young to judge","drain":{"seconds":4.8,"text":"in 5 s"},
        "partitions":[{"partition":0,"beginningOffset":0,"endOffset":1031,"committed":911,"lag":120,"lagSeconds":1.2,"lagSecondsIsAtLeast":false,
        "owner":"consumer-1/0","verdict":"OK","reason":"the consumer had caught up within the last 300 s","arrivingPerSecond":25,"consumedPerSecond":50,
        "drain":{"seconds":4.8,"text":"in 5 s"}}]}
        """;

    public const string Health = """
        {"status":"degraded","reasons":["consumer-2 does not reach logs"],"group":"log-processors","topic":"log-events","state":"Stable","members":9,
        "verdict":"OK","totalLag":0,"live":true,"instances":[{"instance":"consumer-2","group":"log-processors","topic":"log-events",
        "startedAt":"2026-11-22T06:00:00+00:00","at":"2026-11-22T07:00:00+00:00","workers":[{"worker":0,"clientId":"consumer-2/0","state":"running",
        "partitions":[4,5],"lastPoll":"2026-11-22T07:00:00+00:00"}],"partitions":[],"processedByPartition":{"4":1031},"eventsPerSecond":0,
        "stores":{"logs":{"reachable":false}},"fenced":0,"deadLettered":0}]}
        """;

    public const string Distribution = """
        {"group":"log-processors","topic":"log-events","at":"2026-11-22T07:00:30+00:00","total":10000,"imbalance":1.7,
        "window":{"seconds":60,"events":4100,"imbalance":1.4},
        "partitions":[{"partition":0,"events":911,"share":0.0911,"windowEvents":380,"windowShare":0.0927,"hot":false}]}
        """;

    public const string Assignment = """
        {"live":true,"reason":null,"instances":[{"instance":"consumer-1","workers":[{"worker":0,"partitions":[0,1]},{"worker":1,"partitions":[2,3]}]}],"unassigned":[]}
        """;

    public const string Rebalances = """
        {"live":true,"reason":null,"items":[{"id":"0199b0c4-7f6e-7c3a-9d5c-3d6f1b8a2e10","at":"2026-11-22T07:00:00+00:00","instance":"consumer-2","worker":0,
        "group":"log-processors","cause":"join","gained":[4],"givenUp":[],"kept":[5],"drained":0,"dropped":0,"durationMs":412,"pauses":[{"partition":4,"ms":873}]}]}
        """;
}
