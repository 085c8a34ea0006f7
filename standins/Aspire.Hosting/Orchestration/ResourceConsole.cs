using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Orchestration;

/// <summary>Shows how the resources stand: a live table in a terminal, a line for each change elsewhere.</summary>
internal sealed class ResourceConsole(
    ResourceNotificationService notifications,
    DistributedApplicationModel model,
    IConfiguration configuration,
    OutputDirectory output) : IHostedService, IAsyncDisposable
{
    private static readonly TimeSpan Redraw = TimeSpan.FromMilliseconds(200);

    private readonly bool _isTest = configuration.GetValue<bool>("DcpPublisher:RandomizePorts");
    private readonly CancellationTokenSource _stopping = new();
    private readonly Dictionary<string, string> _lines = [];
    private Task _shows = Task.CompletedTask;
    private bool _allWellSaid;
    private bool _dirty;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (!_isTest)
        {
            _shows = Task.WhenAll(WatchAsync(), RedrawAsync());
        }

        return Task.CompletedTask;
    }

    // Goes on while the resources stop; ends with the application.
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _shows;
        TerminalScreen.Current?.Draw(Table());
        _stopping.Dispose();
    }

    private async Task WatchAsync()
    {
        try
        {
            await foreach (var change in notifications.WatchAsync(_stopping.Token))
            {
                _dirty = true;
                if (TerminalScreen.Current is null)
                {
                    WriteLine(change);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The application has ended.
        }
    }

    private async Task RedrawAsync()
    {
        using PeriodicTimer timer = new(Redraw);
        try
        {
            while (TerminalScreen.Current is { } screen && await timer.WaitForNextTickAsync(_stopping.Token))
            {
                if (_dirty || screen.IsDisturbed)
                {
                    _dirty = false;
                    screen.Draw(Table());
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The application has ended.
        }
    }

    private void WriteLine(ResourceEvent change)
    {
        if (!IsShown(change.Resource) || change.Snapshot.State is null)
        {
            return;
        }

        var row = ResourceRow.Of(change.Resource, change.Snapshot);
        var line = row.ToLine();
        if (_lines.TryGetValue(row.Name, out var last) && last == line)
        {
            return;
        }

        _lines[row.Name] = line;
        Console.Out.WriteLine(line);
        if (!_allWellSaid && Rows() is var rows && rows.All(shown => shown.IsWell))
        {
            _allWellSaid = true;
            Console.Out.WriteLine(string.Join(Environment.NewLine, ["", .. ResourceRow.Table(rows), $"All {rows.Count} resources are healthy. Output: {output.Path}/<resource>.log"]));
        }
    }

    private IReadOnlyList<string> Table() =>
        ["", .. ResourceRow.Table(Rows()), $"Output: {output.Path}/<resource>.log   Ctrl+C stops everything."];

    private List<ResourceRow> Rows() =>
        [.. model.Resources.Where(IsShown).Select(resource =>
            ResourceRow.Of(resource, notifications.TryGetCurrentState(resource.Name, out var known) ? known.Snapshot : null))];

    private static bool IsShown(IResource resource) => resource is ProjectResource or ExecutableResource || resource.IsContainer();
}

/// <summary>What is shown of a resource.</summary>
internal sealed record ResourceRow(string Name, string State, string Health, string Urls, string Note, bool IsWell)
{
    public static ResourceRow Of(IResource resource, CustomResourceSnapshot? snapshot)
    {
        var state = snapshot?.State?.Text ?? "";
        var exit = snapshot?.ExitCode is { } code && KnownResourceStates.TerminalStates.Contains(state) ? $" ({code})" : "";
        var health = snapshot?.HealthStatus?.ToString().ToLowerInvariant() ?? "";
        var urls = snapshot is null || snapshot.Urls.IsDefault
            ? ""
            : string.Join(" ", snapshot.Urls.Where(url => !url.IsInternal)
                .OrderByDescending(url => url.DisplayProperties.SortOrder)
                .Select(url => url.DisplayProperties.DisplayName is { Length: > 0 } text ? $"{text}: {url.Url}" : url.Url));
        var isWell = snapshot?.HealthStatus == HealthStatus.Healthy
            || state == KnownResourceStates.NotStarted
            || (state == KnownResourceStates.Finished && snapshot?.ExitCode == 0);
        return new(resource.Name, state + exit, health, urls, snapshot?.Reason ?? "", isWell);
    }

    public static IEnumerable<string> Table(IReadOnlyList<ResourceRow> rows)
    {
        var (name, state, health) = (Width(row => row.Name, 4), Width(row => row.State, 5), Width(row => row.Health, 6));
        yield return $"{"Name".PadRight(name)}  {"State".PadRight(state)}  {"Health".PadRight(health)}  URL";
        foreach (var row in rows)
        {
            yield return $"{row.Name.PadRight(name)}  {row.State.PadRight(state)}  {row.Health.PadRight(health)}  {(row.Note.Length > 0 ? row.Note : row.Urls)}".TrimEnd();
        }

        int Width(Func<ResourceRow, string> column, int least) => rows.Select(row => column(row).Length).Append(least).Max();
    }

    public string ToLine() => string.Join("  ", ((string[])[Name, State, Health, Note.Length > 0 ? Note : Urls]).Where(part => part.Length > 0));
}
