using LogPartitioning.Tests.Processes;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace LogPartitioning.Tests.Servers;

/// <summary>A test that needs the real servers. Where one is not installed, the test is skipped and names it;
/// on CI, where all must be, it runs and fails.</summary>
[AttributeUsage(AttributeTargets.Method)]
[TraitDiscoverer(SlowTrait.TypeName, SlowTrait.AssemblyName)]
internal sealed class ServerFactAttribute : FactAttribute, ITraitAttribute
{
    public ServerFactAttribute() => Skip = InstalledServersProbe.OnCi ? null : InstalledServersProbe.WhatIsMissing;
}

/// <summary>A theory that needs the real servers, as <see cref="ServerFactAttribute"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
[TraitDiscoverer(SlowTrait.TypeName, SlowTrait.AssemblyName)]
internal sealed class ServerTheoryAttribute : TheoryAttribute, ITraitAttribute
{
    public ServerTheoryAttribute() => Skip = InstalledServersProbe.OnCi ? null : InstalledServersProbe.WhatIsMissing;
}

/// <summary>A test that needs <see cref="KafkaServer"/>. Where a server is missing it is skipped by name, and fails on CI; with a Kafka
/// before 3.3 it is skipped there too, since that one has neither its storage tool nor all that is tested.</summary>
[AttributeUsage(AttributeTargets.Method)]
[TraitDiscoverer(SlowTrait.TypeName, SlowTrait.AssemblyName)]
internal sealed class KafkaFactAttribute : FactAttribute, ITraitAttribute
{
    public KafkaFactAttribute() => Skip = KafkaServer.WhyNot;
}

/// <summary>A theory that needs <see cref="KafkaServer"/>, as <see cref="KafkaFactAttribute"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
[TraitDiscoverer(SlowTrait.TypeName, SlowTrait.AssemblyName)]
internal sealed class KafkaTheoryAttribute : TheoryAttribute, ITraitAttribute
{
    public KafkaTheoryAttribute() => Skip = KafkaServer.WhyNot;
}

/// <summary>A test that needs the real servers and may mount a file system. Skipped where it may not; on CI it runs and fails.</summary>
[AttributeUsage(AttributeTargets.Method)]
[TraitDiscoverer(SlowTrait.TypeName, SlowTrait.AssemblyName)]
internal sealed class RootFactAttribute : FactAttribute, ITraitAttribute
{
    public RootFactAttribute() => Skip = InstalledServersProbe.OnCi
        ? null
        : InstalledServersProbe.WhatIsMissing ?? (Environment.IsPrivilegedProcess ? null : "Only root may mount a small file system.");
}

/// <summary>A test that needs the real servers and may cut the network between them. Where it may not it is skipped, on CI too.</summary>
[AttributeUsage(AttributeTargets.Method)]
[TraitDiscoverer(SlowTrait.TypeName, SlowTrait.AssemblyName)]
internal sealed class NetworkFactAttribute : FactAttribute, ITraitAttribute
{
    public NetworkFactAttribute() => Skip = NetworkCut.WhyNot ?? (InstalledServersProbe.OnCi ? null : InstalledServersProbe.WhatIsMissing);
}

/// <summary>A test that needs PostgreSQL. Where it is missing the test is skipped by name; on CI it fails.</summary>
[AttributeUsage(AttributeTargets.Method)]
[TraitDiscoverer(SlowTrait.TypeName, SlowTrait.AssemblyName)]
internal sealed class PostgresFactAttribute : FactAttribute, ITraitAttribute
{
    public PostgresFactAttribute() => Skip = InstalledServersProbe.OnCi || PostgresServer.BinFolder is not null ? null : "PostgreSQL is not installed";
}

/// <summary>A theory that needs PostgreSQL, as <see cref="PostgresFactAttribute"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
[TraitDiscoverer(SlowTrait.TypeName, SlowTrait.AssemblyName)]
internal sealed class PostgresTheoryAttribute : TheoryAttribute, ITraitAttribute
{
    public PostgresTheoryAttribute() => Skip = InstalledServersProbe.OnCi || PostgresServer.BinFolder is not null ? null : "PostgreSQL is not installed";
}

/// <summary>A test that needs PgBouncer in front of PostgreSQL. No run of the system needs it, so that it is skipped wherever it is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
[TraitDiscoverer(SlowTrait.TypeName, SlowTrait.AssemblyName)]
internal sealed class PgBouncerFactAttribute : FactAttribute, ITraitAttribute
{
    public PgBouncerFactAttribute() => Skip = IsInstalled ? null : "pgbouncer is not installed";

    public static bool IsInstalled => PostgresServer.BinFolder is not null && InstalledPrograms.Find("pgbouncer") is not null;
}

/// <summary>A test that needs Redis and its client program. Where they are missing the test is skipped by name; on CI it fails.</summary>
[AttributeUsage(AttributeTargets.Method)]
[TraitDiscoverer(SlowTrait.TypeName, SlowTrait.AssemblyName)]
internal sealed class RedisFactAttribute : FactAttribute, ITraitAttribute
{
    public RedisFactAttribute() => Skip = InstalledServersProbe.OnCi || (InstalledPrograms.Find("redis-server") is not null && InstalledPrograms.Find("redis-cli") is not null)
        ? null
        : "redis-server and redis-cli are not installed";
}

/// <summary>A test that needs Prometheus and promtool. Where they are missing it is skipped by name; on CI it fails.</summary>
[AttributeUsage(AttributeTargets.Method)]
[TraitDiscoverer(SlowTrait.TypeName, SlowTrait.AssemblyName)]
internal sealed class PrometheusFactAttribute : FactAttribute, ITraitAttribute
{
    /// <summary>Whether the test also needs the servers of the whole application.</summary>
    public bool Servers { get; set; }

    /// <inheritdoc/>
    public override string? Skip
    {
        get => InstalledServersProbe.OnCi ? base.Skip : base.Skip ?? WhatIsMissing;
        set => base.Skip = value;
    }

    private string? WhatIsMissing =>
        InstalledPrograms.Find("prometheus") is null || InstalledPrograms.Find("promtool") is null ? "prometheus and promtool are not installed"
        : Servers ? InstalledServersProbe.WhatIsMissing
        : null;
}

/// <summary>
/// Gives a test that starts a server the category of slow tests. Others that take more than two seconds name it themselves:
/// <c>[Trait("Category", "Slow")]</c>.
/// </summary>
internal sealed class SlowTrait : ITraitDiscoverer
{
    public const string TypeName = "LogPartitioning.Tests.Servers.SlowTrait";
    public const string AssemblyName = "LogPartitioning.Tests";

    public IEnumerable<KeyValuePair<string, string>> GetTraits(IAttributeInfo traitAttribute) => [new("Category", "Slow")];
}
