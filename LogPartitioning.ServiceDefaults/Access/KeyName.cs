using Microsoft.AspNetCore.Http;

namespace LogPartitioning.ServiceDefaults.Access;

/// <summary>What the key is called that a request came with.</summary>
public static class KeyName
{
    /// <summary>The name; null where no keys are known, so that anybody may be who it was.</summary>
    public static string? Of(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Features.Get<KnownKey>() is { } key && key != KnownKey.Nobody ? key.Name : null;
    }
}
