using LogPartitioning.Tests.Processes;

namespace LogPartitioning.Tests.Clients;

/// <summary>The clients for Node.js that <c>node/package.json</c> names, installed once in a folder of their own.</summary>
public sealed class NodeClients() : NodeFolder("LogPartitioning.Tests/Clients/node")
{
    /// <summary>Lets a client send the events of a run, and waits for its end.</summary>
    internal Task RunAsync(string client, ClientRun run) =>
        RunAsync($"{client}.mjs", run.Address.ToString(), run.Name, FormattableString.Invariant($"{ClientRun.Events}"), run.GrpcAddress.ToString());
}
