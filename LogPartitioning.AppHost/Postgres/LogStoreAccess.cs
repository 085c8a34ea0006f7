namespace LogPartitioning.AppHost.Postgres;

/// <summary>The store's database, and as whom it is used.</summary>
/// <param name="Database">The database.</param>
/// <param name="Services">How services connect, where not as <paramref name="Database"/> says: as a role that owns nothing.</param>
/// <param name="Owner">How the owner of the tables connects, for the services that migrate them; null where nobody is told.</param>
internal sealed record LogStoreAccess(IResourceBuilder<IResourceWithConnectionString> Database, ReferenceExpression? Services, ReferenceExpression? Owner);
