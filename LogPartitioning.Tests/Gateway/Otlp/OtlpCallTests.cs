using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;

namespace LogPartitioning.Tests.Gateway.Otlp;

/// <summary>OTLP over gRPC at a gateway that has no room for a call, or no producer.</summary>
public sealed class OtlpCallTests
{
    private const string Unavailable = "14";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_call_that_is_cut_off_for_room_is_to_come_again()
    {
        // Room for two bodies on their way: of three that are slow one has to go.
        await using var gateway = await StartAsync(null, ("Gateway:ConcurrentRequests", "4"));
        using var client = Client();
        var end = new TaskCompletionSource();
        var calls = Enumerable.Range(0, 3).Select(_ => CallAsync(client, gateway, new StalledContent(end.Task))).ToList();
        try
        {
            var (status, headers) = await (await Task.WhenAny(calls).WaitAsync(s_patience));
            Assert.Equal(Unavailable, status);
            Assert.Contains("google.rpc.RetryInfo", headers, StringComparison.Ordinal);
        }
        finally
        {
            end.SetResult();
            await Task.WhenAll(calls).WaitAsync(s_patience);
        }
    }

    [Fact]
    public async Task A_call_comes_again_as_it_was_while_the_producer_breaks_its_connection()
    {
        List<string> seen = [];
        await using var gateway = await StartAsync(
            producer => producer.Run(async context =>
            {
                using var body = new MemoryStream();
                await context.Request.Body.CopyToAsync(body, context.RequestAborted);
                lock (seen)
                {
                    seen.Add($"{context.Request.Path} {context.Request.ContentType} {Convert.ToHexString(body.ToArray())}");
                }

                if (seen.Count < 3)
                {
                    context.Abort();
                }
            }),
            ("Gateway:ResendTime", "00:00:30"));
        using var client = Client();

        var (status, _) = await CallAsync(client, gateway, new ByteArrayContent([0, 0, 0, 0, 2, 7, 9]));

        Assert.Equal("0", status);
        Assert.Equal(Enumerable.Repeat("/v1/logs application/x-protobuf 0709", 3), seen);
    }

    [Fact]
    public async Task Without_a_producer_it_is_to_come_again_when_the_time_is_over()
    {
        await using var gateway = await StartAsync(null, ("Gateway:ResendTime", "00:00:00.5"));
        using var client = Client();
        var (status, headers) = await CallAsync(client, gateway, new ByteArrayContent([0, 0, 0, 0, 0]));
        Assert.Equal(Unavailable, status);
        Assert.Contains("google.rpc.RetryInfo", headers, StringComparison.Ordinal);
    }

    private static Task<GatewayAlone> StartAsync(Action<WebApplication>? producer, params (string, string)[] settings) =>
        GatewayAlone.StartAsync(producer, [("Kestrel:EndpointDefaults:Protocols", "Http2"), .. settings]);

    private static HttpClient Client() => new() { DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };

    /// <returns>The status, and what stands in the details of it.</returns>
    private static async Task<(string? Status, string Details)> CallAsync(HttpClient client, GatewayAlone gateway, HttpContent content)
    {
        content.Headers.ContentType = new("application/grpc");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(gateway.Client.BaseAddress!, "opentelemetry.proto.collector.logs.v1.LogsService/Export"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        request.Headers.TE.Add(new("trailers"));
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await response.Content.ReadAsByteArrayAsync();
        var headers = response.Headers.Concat(response.TrailingHeaders).ToLookup(header => header.Key, header => header.Value.Single());
        var details = headers["grpc-status-details-bin"].SingleOrDefault() ?? "";
        return (headers["grpc-status"].SingleOrDefault(), Encoding.ASCII.GetString(Convert.FromBase64String(details.PadRight((details.Length + 3) / 4 * 4, '='))));
    }

    /// <summary>The beginning of a message, and no more of it.</summary>
    private sealed class StalledContent(Task end) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(new byte[] { 0, 0, 0, 1, 0 });
            await stream.FlushAsync();
            await end;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
