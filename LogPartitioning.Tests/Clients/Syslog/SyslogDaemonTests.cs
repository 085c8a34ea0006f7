using System.Globalization;
using LogPartitioning.Tests.Application;
using LogPartitioning.Tests.Processes;
using LogPartitioning.Tests.Servers;
using Xunit.Abstractions;

namespace LogPartitioning.Tests.Clients.Syslog;

/// <summary>rsyslog and syslog-ng as they come, which follow files and pass on what is written there, while the producer goes away in the middle.</summary>
[Trait("Category", "Slow")]
[Collection(SharedApplication.Name)]
public sealed class SyslogDaemonTests(ApplicationFixture fixture, ITestOutputHelper output)
{
    private const int Events = 10_000;
    private const int Sources = NumberedFiles.Count;

    private const string Elasticsearch = "rsyslog elasticsearch";

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    public static TheoryData<string> Ways => [.. new[] { "rsyslog counted", "rsyslog lines", "syslog-ng syslog", "syslog-ng network" }];

    [SkippableTheory]
    [MemberData(nameof(Ways))]
    public async Task A_stop_of_the_producer_loses_nothing_and_keeps_the_order(string way)
    {
        var (missing, stored) = await RunAsync(way, async application =>
        {
            await application.StopAsync("producer");
            await application.StartAsync("producer");
        });
        Assert.True(missing.Count == 0, $"{missing.Count} lost: {string.Join(' ', missing)}");
        stored.AssertInOrder();
    }

    /// <summary>Syslog has no acknowledgements: what stood between the two is lost, one piece of what the daemon sent, and nothing else.</summary>
    [SkippableTheory]
    [MemberData(nameof(Ways))]
    public async Task A_kill_of_the_producer_loses_one_piece_at_most_and_keeps_the_order(string way)
    {
        var (missing, stored) = await RunAsync(way, async application =>
        {
            await application.KillAsync("producer");
            await application.WaitUntilHealthyAsync("producer", s_patience);
        });
        stored.AssertInOrder();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{way}: {missing.Count} lost, {(missing.Count == 0 ? 0 : missing[^1] - missing[0] + 1)} from the first to the last; {stored}"));
        Assert.All(missing.GroupBy(number => number % Sources), lost => Assert.Equal(lost.Count() - 1, (lost.Max() - lost.Min()) / Sources));
    }

    /// <summary>rsyslog's output for Elasticsearch gets answers, and sends again what has none.</summary>
    [SkippableFact]
    public async Task Where_rsyslog_gets_answers_a_kill_of_the_producer_loses_nothing()
    {
        var (missing, stored) = await RunAsync(Elasticsearch, async application =>
        {
            await application.KillAsync("producer");
            await application.WaitUntilHealthyAsync("producer", s_patience);
        });
        output.WriteLine($"{Elasticsearch}: {stored}");
        Assert.True(missing.Count == 0, $"{missing.Count} lost: {string.Join(' ', missing)}");
        stored.AssertInOrder();
    }

    private async Task<(IReadOnlyList<long> Missing, StoredNumbers Stored)> RunAsync(string way, Func<RunningApplication, Task> interrupt)
    {
        Skip.If(InstalledServersProbe.WhatIsMissing is not null && !InstalledServersProbe.OnCi, InstalledServersProbe.WhatIsMissing);
        using var files = new NumberedFiles(way.Replace(' ', '-'));
        var daemon = await StartAsync(way, files);
        try
        {
            var logs = fixture.Application.Logs;
            var appending = files.AppendAsync(0, Events);
            await StoredNumbers.SeesAsync(logs, files.Sources, Events / 5, s_patience);
            Assert.False(appending.IsCompleted, "All was written before the producer went away.");
            await interrupt(fixture.Application);
            await appending;
            // The last lines of all sources: what was before them came, or never will.
            await files.AppendAsync(Events, files.Sources.Count);
            await Eventually.SeesAsync(
                $"the last lines; the daemon says: {daemon.Output}",
                _ => StoredNumbers.MissingAsync(logs, files.Sources, Enumerable.Range(Events, files.Sources.Count)),
                missing => missing.Count == 0,
                s_patience);
            return (await StoredNumbers.MissingAsync(logs, files.Sources, Enumerable.Range(0, Events)), await StoredNumbers.ReadAsync(logs, files.Sources));
        }
        finally
        {
            await daemon.StopAsync(TimeSpan.FromSeconds(10));
        }
    }

    private async Task<ChildProgram> StartAsync(string way, NumberedFiles files)
    {
        var configuration = files.At("configuration");
        if (way == Elasticsearch)
        {
            var program = SyslogProgram.Require("rsyslogd");
            await File.WriteAllTextAsync(configuration, ElasticsearchConfiguration(files));
            using var check = ChildProgram.Start(program, ["-N1", "-f", configuration]);
            await check.WaitForExitAsync(s_patience);
            Skip.If(check.Output.Contains("could not load module", StringComparison.Ordinal), "omelasticsearch of rsyslog is not installed.");
            return ChildProgram.Start(program, ["-n", "-f", configuration, "-i", files.At("pid")]);
        }

        if (way.StartsWith("rsyslog", StringComparison.Ordinal))
        {
            var program = SyslogProgram.Require("rsyslogd");
            await File.WriteAllTextAsync(configuration, RsyslogConfiguration(files, way.EndsWith("counted", StringComparison.Ordinal)));
            return ChildProgram.Start(program, ["-n", "-f", configuration, "-i", files.At("pid")]);
        }
        else
        {
            var program = SyslogProgram.Require("syslog-ng");
            await File.WriteAllTextAsync(configuration, SyslogNgConfiguration(files, way.EndsWith("network", StringComparison.Ordinal) ? "network" : "syslog"));
            return ChildProgram.Start(program, ["-F", "-f", configuration, "-R", files.At("persist"), "-p", files.At("pid"), "-c", files.At("control"), "--no-caps"]);
        }
    }

    private static string RsyslogInputs(NumberedFiles files) => $$"""
        global(workDirectory="{{files.At("")}}")
        module(load="imfile" mode="inotify")
        {{string.Join('\n', files.Sources.Select(source => $"""input(type="imfile" File="{files.Of(source)}" Tag="{source}:" reopenOnTruncate="on")"""))}}
        """;

    /// <summary>To the producer itself: while that is away, this output is refused the connection, and waits. What an answer of 5xx refuses it gives up.</summary>
    private string ElasticsearchConfiguration(NumberedFiles files) => $$"""
        {{RsyslogInputs(files)}}
        module(load="omelasticsearch")
        template(name="document" type="list" option.jsonf="on") {
          property(outname="@timestamp" name="timereported" dateFormat="rfc3339" format="jsonf")
          property(outname="message" name="msg" format="jsonf")
          property(outname="log.level" name="syslogseverity-text" format="jsonf")
          property(outname="host.name" name="hostname" format="jsonf")
          property(outname="service.name" name="programname" format="jsonf")
        }
        action(type="omelasticsearch" server="{{fixture.Application.Producer.BaseAddress!.GetLeftPart(UriPartial.Authority)}}/elasticsearch" searchIndex="syslog" searchType=""
               bulkmode="on" template="document" errorfile="{{files.At("errors")}}"
               action.resumeRetryCount="-1" action.resumeInterval="1" queue.type="LinkedList" queue.size="50000" queue.dequeueBatchSize="300")
        """;

    private static string RsyslogConfiguration(NumberedFiles files, bool isCounted) => $$"""
        {{RsyslogInputs(files)}}
        action(type="omfwd" target="127.0.0.1" port="{{ApplicationFixture.SyslogPort}}" protocol="tcp"
               {{(isCounted ? """TCP_Framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format" """ : "")}}
               action.resumeRetryCount="-1" action.resumeInterval="1" queue.type="LinkedList" queue.size="50000")
        """;

    private static string SyslogNgConfiguration(NumberedFiles files, string driver) => $$"""
        @version: 3.38
        options { time-reopen(1); stats-freq(0); log-fifo-size(50000); };
        {{string.Concat(files.Sources.Select((source, index) => $$"""
            source s{{index}} { file("{{files.Of(source)}}" follow-freq(0.1) flags(no-parse) program-override("{{source}}")); };

            """))}}
        destination d { {{driver}}("127.0.0.1" port({{ApplicationFixture.SyslogPort}}) transport("tcp")); };
        log { {{string.Concat(files.Sources.Select((_, index) => $"source(s{index}); "))}} destination(d); flags(flow-control); };
        """;
}
