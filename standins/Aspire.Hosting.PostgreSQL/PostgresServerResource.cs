using System.Data.Common;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A PostgreSQL server in a container.</summary>
public class PostgresServerResource : ContainerResource, IResourceWithConnectionString
{
    internal const string PrimaryEndpointName = "tcp";
    private const string DefaultUserName = "postgres";

    private readonly Dictionary<string, string> _databases = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Describes a server.</summary>
    /// <param name="name">The name.</param>
    /// <param name="userName">The user; null: <c>postgres</c>.</param>
    /// <param name="password">The password.</param>
    public PostgresServerResource(string name, ParameterResource? userName, ParameterResource password)
        : base(name)
    {
        ArgumentNullException.ThrowIfNull(password);
        PrimaryEndpoint = new(this, PrimaryEndpointName);
        UserNameParameter = userName;
        PasswordParameter = password;
    }

    /// <summary>Where clients connect.</summary>
    public EndpointReference PrimaryEndpoint { get; }

    /// <summary>The host.</summary>
    public EndpointReferenceExpression Host => PrimaryEndpoint.Property(EndpointProperty.Host);

    /// <summary>The port.</summary>
    public EndpointReferenceExpression Port => PrimaryEndpoint.Property(EndpointProperty.Port);

    /// <summary>The user, when it is not the default one.</summary>
    public ParameterResource? UserNameParameter { get; set; }

    /// <summary>The user.</summary>
    public ReferenceExpression UserNameReference => UserNameParameter is null
        ? ReferenceExpression.Create($"{DefaultUserName}")
        : ReferenceExpression.Create($"{UserNameParameter}");

    /// <summary>The password.</summary>
    public ParameterResource PasswordParameter { get; set; }

    /// <summary>The databases: resource name to database name.</summary>
    public IReadOnlyDictionary<string, string> Databases => _databases;

    /// <inheritdoc/>
    public ReferenceExpression ConnectionStringExpression =>
        ReferenceExpression.Create($"Host={Host};Port={Port};Username={UserNameReference};Password={PasswordParameter}");

    /// <summary>The connection as a <c>postgresql://</c> URI.</summary>
    public ReferenceExpression UriExpression => Uri(null);

    /// <summary>The connection as a <c>jdbc:postgresql://</c> URI, without user and password.</summary>
    public ReferenceExpression JdbcConnectionString => Jdbc(null);

    IEnumerable<KeyValuePair<string, ReferenceExpression>> IResourceWithConnectionString.GetConnectionProperties() =>
    [
        new("Host", ReferenceExpression.Create($"{Host}")),
        new("Port", ReferenceExpression.Create($"{Port}")),
        new("Username", UserNameReference),
        new("Password", ReferenceExpression.Create($"{PasswordParameter}")),
        new("Uri", UriExpression),
        new("JdbcConnectionString", JdbcConnectionString),
    ];

    /// <inheritdoc cref="IResourceWithConnectionString.GetConnectionStringAsync"/>
    public ValueTask<string?> GetConnectionStringAsync(CancellationToken cancellationToken = default) =>
        ConnectionStringExpression.GetValueAsync(cancellationToken);

    internal void AddDatabase(string name, string databaseName) => _databases.TryAdd(name, databaseName);

    internal ReferenceExpression Uri(string? database)
    {
        var path = database is null ? "" : $"/{System.Uri.EscapeDataString(database)}";
        return UserNameParameter is null
            ? ReferenceExpression.Create($"postgresql://{DefaultUserName}:{PasswordParameter:uri}@{Host}:{Port}{path}")
            : ReferenceExpression.Create($"postgresql://{UserNameParameter:uri}:{PasswordParameter:uri}@{Host}:{Port}{path}");
    }

    internal ReferenceExpression Jdbc(string? database)
    {
        var path = database is null ? "" : $"/{System.Uri.EscapeDataString(database)}";
        return ReferenceExpression.Create($"jdbc:postgresql://{Host}:{Port}{path}");
    }
}

/// <summary>A database of a PostgreSQL server.</summary>
/// <param name="name">The name.</param>
/// <param name="databaseName">The database's own name.</param>
/// <param name="postgresParentResource">The server.</param>
public class PostgresDatabaseResource(string name, string databaseName, PostgresServerResource postgresParentResource)
    : Resource(name), IResourceWithParent<PostgresServerResource>, IResourceWithConnectionString
{
    /// <summary>The server.</summary>
    public PostgresServerResource Parent { get; } = postgresParentResource;

    /// <summary>The database's own name.</summary>
    public string DatabaseName { get; } = databaseName;

    /// <inheritdoc/>
    public ReferenceExpression ConnectionStringExpression
    {
        get
        {
            DbConnectionStringBuilder database = new() { ["Database"] = DatabaseName };
            return ReferenceExpression.Create($"{Parent};{database.ConnectionString}");
        }
    }

    /// <summary>The connection as a <c>postgresql://</c> URI.</summary>
    public ReferenceExpression UriExpression => Parent.Uri(DatabaseName);

    /// <summary>The connection as a <c>jdbc:postgresql://</c> URI, without user and password.</summary>
    public ReferenceExpression JdbcConnectionString => Parent.Jdbc(DatabaseName);

    IEnumerable<KeyValuePair<string, ReferenceExpression>> IResourceWithConnectionString.GetConnectionProperties()
    {
        Dictionary<string, ReferenceExpression> properties = new(((IResourceWithConnectionString)Parent).GetConnectionProperties())
        {
            ["DatabaseName"] = ReferenceExpression.Create($"{DatabaseName}"),
            ["Uri"] = UriExpression,
            ["JdbcConnectionString"] = JdbcConnectionString,
        };
        return properties;
    }
}
