using System.Buffers.Binary;
using System.IO.Compression;
using System.Net;
using Aspire.Hosting.Testing;
using Google.Protobuf;
using LogPartitioning.Tests.Application;
using LogPartitioning.Tests.Servers;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Logs.V1;

namespace LogPartitioning.Tests.Clients;

/// <summary>What OTLP over gRPC answers, by the bytes of the protocol: clients hide what they send.</summary>
[Collection(SharedApplication.Name)]
public sealed class OtlpGrpcTests(ApplicationFixture fixture) : IDisposable
{
    private const string Export = "opentelemetry.proto.collector.logs.v1.LogsService/Export";
    private const int MaxMessageBytes = 4 * 1024 * 1024;

    private readonly HttpClient _client = new() { BaseAddress = fixture.Application.Application.GetEndpoint("gateway", "otlp-grpc") };

    [ServerFact]
    public async Task A_request_is_taken_packed_or_not()
    {
        var request = new ExportLogsServiceRequest { ResourceLogs = { new ResourceLogs { ScopeLogs = { new ScopeLogs { LogRecords = { new LogRecord { Body = new() { StringValue = "m" } } } } } } } };
        Assert.Equal("0", (await CallAsync(Export, request.ToByteArray())).Status);
        Assert.Equal("0", (await CallAsync(Export, Gzip(request.ToByteArray(), 1), "gzip")).Status);
        Assert.Equal("0", (await CallAsync(Export, [])).Status);
    }

    [ServerFact]
    public async Task What_cannot_be_taken_has_the_status_of_its_kind_and_is_not_to_come_again()
    {
        Assert.Equal("3", (await CallAsync(Export, "no such thing"u8.ToArray())).Status); // INVALID_ARGUMENT
        Assert.Equal("8", (await CallAsync(Export, new byte[MaxMessageBytes + 1])).Status); // RESOURCE_EXHAUSTED
        Assert.Equal("8", (await CallAsync(Export, Gzip(new byte[1024 * 1024], 1024), "gzip")).Status);
        Assert.Equal((HttpStatusCode.NotFound, null), await CallAsync("no.such.Service/Export", []));
    }

    public void Dispose() => _client.Dispose();

    private async Task<(HttpStatusCode Http, string? Status)> CallAsync(string method, byte[] message, string? encoding = null)
    {
        var body = new byte[5 + message.Length];
        body[0] = encoding is null ? (byte)0 : (byte)1;
        BinaryPrimitives.WriteInt32BigEndian(body.AsSpan(1), message.Length);
        message.CopyTo(body, 5);
        using var request = new HttpRequestMessage(HttpMethod.Post, method)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body) { Headers = { ContentType = new("application/grpc") } },
        };
        request.Headers.TE.Add(new("trailers"));
        if (encoding is not null)
        {
            request.Headers.Add("grpc-encoding", encoding);
        }

        using var response = await _client.SendAsync(request);
        await response.Content.ReadAsByteArrayAsync();
        var status = response.TrailingHeaders.TryGetValues("grpc-status", out var trailing) ? trailing
            : response.Headers.TryGetValues("grpc-status", out var leading) ? leading
            : [];
        return (response.StatusCode, status.SingleOrDefault());
    }

    private static byte[] Gzip(byte[] bytes, int times)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            for (var i = 0; i < times; i++)
            {
                gzip.Write(bytes);
            }
        }

        return packed.ToArray();
    }
}
