using LogPartitioning.Tests.Integration;

namespace LogPartitioning.Tests.Faults;

/// <summary>A test that needs the real servers and may mount a file system. Skipped where it may not; on CI it runs and fails.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RootFactAttribute : FactAttribute
{
    public RootFactAttribute()
    {
        if (!InstalledServersProbe.OnCi)
        {
            Skip = InstalledServersProbe.WhatIsMissing ?? (Environment.IsPrivilegedProcess ? null : "Only root may mount a small file system.");
        }
    }
}
