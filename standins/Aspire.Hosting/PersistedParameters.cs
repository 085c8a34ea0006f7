using System.Text.Json;
using System.Text.Json.Nodes;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Publishing;
using Microsoft.Extensions.Configuration.UserSecrets;

namespace Aspire.Hosting;

/// <summary>Keeps generated values in the AppHost's user secrets, readable by the owner alone, so that the next run has the same.</summary>
internal sealed class PersistedParameters(string? userSecretsId)
{
    private static readonly Lock Gate = new();
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true };

    public void Save(string key, string value)
    {
        if (userSecretsId is null)
        {
            return;
        }

        lock (Gate)
        {
            var path = PathHelper.GetSecretsPathFromSecretsId(userSecretsId);
            var secrets = File.Exists(path) ? JsonNode.Parse(File.ReadAllText(path)) as JsonObject ?? [] : [];
            secrets[key] = value;
            FileStreamOptions create = new() { Mode = FileMode.Create, Access = FileAccess.Write };
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            if (!OperatingSystem.IsWindows())
            {
                create.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            var draft = $"{path}.{Environment.ProcessId}";
            using (FileStream file = new(draft, create))
            {
                JsonSerializer.Serialize(file, secrets, Format);
            }

            File.Move(draft, path, overwrite: true);
        }
    }
}

/// <summary>A default that, once made, is kept.</summary>
internal sealed class PersistedParameterDefault(string name, ParameterDefault inner, PersistedParameters persisted) : ParameterDefault
{
    public override string GetDefaultValue()
    {
        var value = inner.GetDefaultValue();
        persisted.Save($"Parameters:{name}", value);
        return value;
    }

    public override void WriteToManifest(ManifestPublishingContext context) => inner.WriteToManifest(context);
}
