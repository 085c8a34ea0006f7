using LogPartitioning.Tests.Processes;

namespace LogPartitioning.Tests.Clients;

/// <summary>The clients for Node.js that <c>node/package.json</c> names, installed once in a folder of their own.</summary>
public sealed class NodeClients : IAsyncLifetime, IDisposable
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

        foreach (var file in Directory.GetFiles(RepositoryFiles.PathOf("LogPartitioning.Tests/Clients/node")))
        {
            File.Copy(file, _folder.At(Path.GetFileName(file)));
        }

        try
        {
            await ChildProgram.RunAsync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1", "--fetch-retry-mintimeout=1000"], folder: _folder.Path);
        }
        catch (CommandFailedException e)
        {
            WhatIsMissing = $"The npm packages of LogPartitioning.Tests/Clients/node are not to be had: {e.Message}";
        }
    }

    /// <summary>Lets a client send the events of a run, and waits for its end.</summary>
    internal Task RunAsync(string client, ClientRun run) => ChildProgram.RunAsync(
        "node", [$"{client}.mjs", run.Address.ToString(), run.Name, FormattableString.Invariant($"{ClientRun.Events}"), run.GrpcAddress.ToString()], folder: _folder.Path);

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
    }
}
