using Microsoft.AspNetCore.Components;

namespace LogPartitioning.Gateway.Console;

/// <summary>
/// What changes of a page: rendered with the page, and again for the stream of its changes. It reads what the API of the same name answers, and says so where that
/// cannot be read.
/// </summary>
public abstract class ContentBase : ComponentBase
{
    /// <summary>What was asked for.</summary>
    [Parameter, EditorRequired]
    public PageContext Page { get; set; } = null!;

    /// <summary>Ends the reading when nobody waits for it any more.</summary>
    [Parameter]
    public CancellationToken Ended { get; set; }

    /// <summary>Why there is nothing to show; null when there is.</summary>
    protected string? Problem { get; private set; }

    /// <summary>Reads what is shown.</summary>
    protected abstract Task ReadAsync();

    /// <inheritdoc />
    protected override async Task OnParametersSetAsync()
    {
        try
        {
            Problem = null;
            await ReadAsync();
        }
        catch (Exception e) when (ReadFailure.InWords(e) is { } words)
        {
            Problem = words;
        }
    }

    /// <summary>Refuses to show what cannot be known.</summary>
    protected void Fail(string problem) => Problem = problem;
}
