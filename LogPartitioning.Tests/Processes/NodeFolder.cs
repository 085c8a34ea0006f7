namespace LogPartitioning.Tests.Processes;

/// <summary>Scripts for Node.js with the packages that their <c>package.json</c> names, installed once in a folder of their own.</summary>
/// <param name="scripts">The folder in the repository.</param>
public abstract class NodeFolder(string scripts) : IAsyncLifetime, IDisposable
{
    private static readonly string[] s_programs = ["node", "npm"];

    private readonly TemporaryFolder _folder = new();

    /// <summary>Why they are not here, in words; null where they are.</summary>
    public string? WhatIsMissing { get; private set; }

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        if (s_programs.FirstOrDefault(program => InstalledPrograms.Find(program) is null) is { } missing)
        {
            WhatIsMissing = $"{missing} is not installed";
            return;
        }

        foreach (var file in Directory.GetFiles(RepositoryFiles.PathOf(scripts)))
        {
            File.Copy(file, _folder.At(Path.GetFileName(file)));
        }

        try
        {
            await ChildProgram.RunAsync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1", "--fetch-retry-mintimeout=1000"], folder: _folder.Path);
        }
        catch (CommandFailedException e)
        {
            WhatIsMissing = $"The npm packages of {scripts} are not to be had: {e.Message}";
        }
    }

    /// <inheritdoc/>
    public Task DisposeAsync()
    {
        Dispose();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Directory.Exists(_folder.Path))
        {
            _folder.Dispose();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Runs a script to its end.</summary>
    /// <exception cref="CommandFailedException">It ended with another code than 0; it has what the script said.</exception>
    internal Task<string> RunAsync(string script, params IEnumerable<string> arguments) => ChildProgram.RunAsync("node", [script, .. arguments], folder: _folder.Path);
}
