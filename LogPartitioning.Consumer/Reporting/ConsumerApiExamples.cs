namespace LogPartitioning.Consumer.Reporting;

/// <summary>Answers as they look, for the OpenAPI document.</summary>
internal static class ConsumerApiExamples
{
    public const string Health = """
        {"status":"healthy","reason":null,"instance":{"instance":"consumer-1","group":"log-processors","topic":"log-events","url":"http://127.0.0.1:41071",
        "startedAt":"2026-11-22T06:00:00+00:00","at":"2026-11-22T07:00:00+00:00",
        "workers":[{"worker":0,"clientId":"consumer-1/0","state":"running","partitions":[0,1,2,3],"lastPoll":"2026-11-22T07:00:00+00:00"}],
        "partitions":[{"partition":0,"nextOffset":1031,"epoch":7,"buffered":0,"paused":false,"lastStored":"2026-11-22T06:59:59+00:00"}],
        "processedByPartition":{"0":1031},"eventsPerSecond":25.4,"lastRebalance":null,
        "stores":{"kafka":{"reachable":true,"detail":null},"logs":{"reachable":true,"detail":null},"redis":{"reachable":true,"detail":null}},
        "fenced":0,"deadLettered":0}}
        """;

    public const string Lag = """
        {"group":"log-processors","topic":"log-events","instance":"consumer-1","at":"2026-11-22T07:00:30+00:00","problem":null,"totalLag":120,"verdict":"OK",
        "partitions":[{"partition":0,"beginningOffset":0,"endOffset":1031,"committed":911,"lag":120,"lagSeconds":1.2,"lagSecondsIsAtLeast":false,
        "owner":"consumer-1/0","verdict":"OK","reason":"the consumer had caught up within the last 300 s","arrivingPerSecond":25,"consumedPerSecond":50,
        "drain":{"seconds":4.8,"text":"in 5 s"}}]}
        """;

    public const string Distribution = """
        {"instance":"consumer-1","total":4000,"imbalance":1.2,"partitions":[{"partition":0,"events":1200,"share":0.3},{"partition":1,"events":1000,"share":0.25},
        {"partition":2,"events":900,"share":0.225},{"partition":3,"events":900,"share":0.225}]}
        """;

    public const string Assignment = """
        {"instances":[{"instance":"consumer-1","workers":[{"worker":0,"partitions":[0,1]},{"worker":1,"partitions":[2,3]},{"worker":2,"partitions":[]}]}]}
        """;
}
