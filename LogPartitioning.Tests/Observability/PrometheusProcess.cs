using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace LogPartitioning.Tests.Observability;

/// <summary>A Prometheus of the test's own, on a free port, with the project's rules and one scrape target.</summary>
internal sealed class PrometheusProcess : IAsyncDisposable
{
    private static readonly TimeSpan ReadyDeadline = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo _folder;
    private readonly Process _process;
    private readonly HttpClient _http;
    private readonly StringBuilder _log = new();

    private PrometheusProcess(DirectoryInfo folder, Process process, HttpClient http)
    {
        (_folder, _process, _http) = (folder, process, http);
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Queries = new(http);
    }

    public PrometheusQueries Queries { get; }

    /// <param name="target">The scrape target, as host:port.</param>
    /// <param name="ruleFiles">A glob of rule files; a full path.</param>
    /// <param name="cancellationToken">Ends the wait for readiness.</param>
    /// <exception cref="InvalidOperationException">Prometheus ended, or was not ready in time; the message holds its log.</exception>
    public static async Task<PrometheusProcess> StartAsync(string target, string ruleFiles, CancellationToken cancellationToken)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("prometheus-");
        string configuration = Path.Combine(folder.FullName, "prometheus.yml");
        await File.WriteAllTextAsync(
            configuration,
            $"""
            global:
              scrape_interval: 1s
              evaluation_interval: 1s
            rule_files:
              - {ruleFiles}
            scrape_configs:
              - job_name: services
                static_configs:
                  - targets: ["{target}"]

            """,
            cancellationToken);

        int port = FreePort();
        Process process = Process.Start(new ProcessStartInfo("prometheus")
        {
            ArgumentList =
            {
                $"--config.file={configuration}",
                $"--storage.tsdb.path={Path.Combine(folder.FullName, "data")}",
                $"--web.listen-address=127.0.0.1:{port}",
            },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        }) ?? throw new InvalidOperationException("prometheus did not start.");

        PrometheusProcess server = new(folder, process, new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/"), Timeout = TimeSpan.FromSeconds(10) });
        try
        {
            await server.WaitUntilReadyAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        Stopwatch waited = Stopwatch.StartNew();
        while (waited.Elapsed < ReadyDeadline && !_process.HasExited)
        {
            try
            {
                using HttpResponseMessage response = await _http.GetAsync("-/ready", cancellationToken);
                if (response.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.Delay(100, cancellationToken);
        }

        lock (_log)
        {
            throw new InvalidOperationException($"Prometheus was not ready after {waited.Elapsed.TotalSeconds:0.0} s:\n{_log}");
        }
    }

    private void Keep(string? line)
    {
        lock (_log)
        {
            _log.AppendLine(line);
        }
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
