using System.Runtime.InteropServices;
using System.Text;
using Confluent.Kafka;

namespace LogPartitioning.Tests.Servers;

/// <summary>
/// The mock cluster that librdkafka brings for its own tests (<c>rdkafka_mock.h</c>): brokers in this process that speak the
/// modern protocol over loopback. Idempotence, headers and groups work there; topics are made here, since it does not answer
/// requests to create one.
/// </summary>
internal sealed partial class MockCluster : IDisposable
{
    private const int ProducerType = 0;
    private const string Library = "librdkafka";

    private readonly nint _client;
    private readonly nint _cluster;
    private int _isDisposed;

    /// <summary>The builds of the library in the order in which the client tries them: the first needs SASL libraries that a
    /// machine may lack.</summary>
    private static readonly string[] Builds = ["librdkafka", "centos8-librdkafka", "alpine-librdkafka"];

    static MockCluster() => NativeLibrary.SetDllImportResolver(typeof(MockCluster).Assembly, (name, assembly, path) =>
    {
        nint library = 0;
        _ = name == Library && Builds.Any(build => NativeLibrary.TryLoad(build, assembly, path, out library));
        return library;
    });

    public MockCluster(int brokers)
    {
        var error = new byte[512];
        _client = New(ProducerType, NewConfiguration(), error, (nuint)error.Length);
        if (_client == 0)
        {
            throw new InvalidOperationException($"rd_kafka_new: {Encoding.UTF8.GetString(error).TrimEnd('\0')}");
        }

        _cluster = NewCluster(_client, brokers);
        if (_cluster == 0)
        {
            Destroy(_client);
            throw new InvalidOperationException("rd_kafka_mock_cluster_new gave no cluster.");
        }

        BootstrapServers = Marshal.PtrToStringUTF8(Bootstraps(_cluster))!;
    }

    public string BootstrapServers { get; }

    public void CreateTopic(string topic, int partitions, int replicas) => Check(CreateTopic(_cluster, topic, partitions, replicas));

    public void SetBrokerDown(int broker) => Check(SetDown(_cluster, broker));

    public void SetBrokerUp(int broker) => Check(SetUp(_cluster, broker));

    /// <summary>Makes a broker the coordinator of a group.</summary>
    public void SetCoordinator(string group, int broker) => Check(SetCoordinator(_cluster, "group", group, broker));

    /// <summary>Lets a broker refuse the next <paramref name="times"/> requests for a group's offsets, as one that is not its coordinator.</summary>
    public void RefuseOffsetFetches(int broker, int times)
    {
        for (var i = 0; i < times; i++)
        {
            Check(PushBrokerError(_cluster, broker, ApiKey.OffsetFetch, 1, (int)ErrorCode.NotCoordinatorForGroup, 0));
        }
    }

    /// <summary>Lets the next request of an idempotent producer for its id fail.</summary>
    public void FailProducerId(ErrorCode error) => PushErrors(_cluster, ApiKey.InitProducerId, 1, [(int)error]);

    /// <summary>Lets the next produce requests fail, each with one of <paramref name="errors"/>.</summary>
    public void FailProduceRequests(params ErrorCode[] errors) =>
        PushErrors(_cluster, ApiKey.Produce, (nuint)errors.Length, [.. errors.Select(error => (int)error)]);

    /// <summary>Lets the next questions for a partition's first or last offset fail, each with one of <paramref name="errors"/>.</summary>
    public void FailOffsetQuestions(params ErrorCode[] errors) =>
        PushErrors(_cluster, ApiKey.ListOffsets, (nuint)errors.Length, [.. errors.Select(error => (int)error)]);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return; // Destroying it twice would crash the process.
        }

        DestroyCluster(_cluster);
        Destroy(_client);
    }

    private static void Check(int error)
    {
        if (error != 0)
        {
            throw new InvalidOperationException($"The mock cluster answers {(ErrorCode)error}.");
        }
    }

    [LibraryImport(Library, EntryPoint = "rd_kafka_conf_new")]
    private static partial nint NewConfiguration();

    [LibraryImport(Library, EntryPoint = "rd_kafka_new")]
    private static partial nint New(int type, nint configuration, byte[] error, nuint errorSize);

    [LibraryImport(Library, EntryPoint = "rd_kafka_destroy")]
    private static partial void Destroy(nint client);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_cluster_new")]
    private static partial nint NewCluster(nint client, int brokers);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_cluster_destroy")]
    private static partial void DestroyCluster(nint cluster);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_cluster_bootstraps")]
    private static partial nint Bootstraps(nint cluster);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_topic_create", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int CreateTopic(nint cluster, string topic, int partitions, int replicas);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_coordinator_set", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetCoordinator(nint cluster, string keyType, string key, int broker);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_broker_set_down")]
    private static partial int SetDown(nint cluster, int broker);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_broker_set_up")]
    private static partial int SetUp(nint cluster, int broker);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_push_request_errors_array")]
    private static partial void PushErrors(nint cluster, short apiKey, nuint count, int[] errors);

    // It takes any number of pairs of an error and a delay; with one, all that it takes are integers in registers.
    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_broker_push_request_error_rtts")]
    private static partial int PushBrokerError(nint cluster, int broker, short apiKey, nuint count, int error, int delayMilliseconds);

    /// <summary>Numbers of the protocol (https://kafka.apache.org/protocol#protocol_api_keys).</summary>
    private static class ApiKey
    {
        public const short Produce = 0;
        public const short ListOffsets = 2;
        public const short OffsetFetch = 9;
        public const short InitProducerId = 22;
    }
}
