using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using LogPartitioning.Benchmarks;
using LogPartitioning.Benchmarks.Events;
using LogPartitioning.Benchmarks.Ingest;
using LogPartitioning.Benchmarks.Latency;
using LogPartitioning.Benchmarks.Rebalance;
using LogPartitioning.Benchmarks.Store;

// In this process: this release of BenchmarkDotNet cannot build a project for the runtime used here.
static IConfig InThisProcess(Job job) => DefaultConfig.Instance.AddJob(job.WithToolchain(InProcessEmitToolchain.Instance));

// The verbs are what the parts in bench/parts call.
switch (args)
{
    case ["store-reads", var end, var days]:
        await StoreReads.RunAsync(end, days);
        return;
    case ["store-duplicates", var schema]:
        await StoreDuplicates.RunAsync(schema);
        return;
    case ["fill", var servers, var topic, var events]:
        await Backlog.FillAsync(servers, topic, events);
        return;
    case ["fill", var servers, var topic, var events, "schema"]:
        await Backlog.FillAsync(servers, topic, events, schema: true);
        return;
    case ["topic", var servers, var topic]:
        await Backlog.CreateAsync(servers, topic);
        return;
    case ["count", var servers, var topic]:
        Console.WriteLine(Backlog.Count(servers, topic));
        return;
    case ["value-size"]:
        Console.WriteLine(BenchEvents.AverageSize());
        return;
    case ["records", var file, var events]:
        await Load.WriteRecordsAsync(file, events);
        return;
    case ["load", var server, var form, var connections, var events]:
        await Load.RunAsync(server, form, connections, events);
        return;
    case ["endpoint", var address, .. var database]:
        await PeerEndpoint.RunAsync(address, database.FirstOrDefault());
        return;
    case ["steady", var server, var topic, var events, var eventsPerSecond, .. var database]:
        await SteadyEvents.RunAsync(server, database.FirstOrDefault(), topic, events, eventsPerSecond);
        return;
    case ["stand-still", var servers, var topic, var database, var eventsPerSecond]:
        await StandStill.RunAsync(servers, topic, database, eventsPerSecond);
        return;
    case ["hot", var artifacts, .. var filter]:
        BenchmarkSwitcher.FromAssembly(typeof(StoreBenchmarks).Assembly)
            .Run(["--filter", .. filter], InThisProcess(Job.ShortRun).WithArtifactsPath(artifacts));
        return;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(StoreBenchmarks).Assembly).Run(args, InThisProcess(Job.Default));
        return;
}
