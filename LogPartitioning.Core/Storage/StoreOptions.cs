using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace LogPartitioning.Core.Storage;

/// <summary>How much of the log store's server a service may use. Configuration section <c>Store</c>.</summary>
public sealed class StoreOptions : IValidatableObject
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Store";

    /// <summary>The fewest connections with which a service can do all it does at once.</summary>
    public const int FewestConnections = 5;

    private const int MostConnections = 1000;

    /// <summary>Connections to PostgreSQL at most; 5 to 1,000, default 15: five services leave room in a server's usual 100.</summary>
    public int MaxConnections { get; set; } = 15;

    /// <summary>
    /// The setting as it is needed before there are options: the connections are set up while the service is put together. A value
    /// that is none stops the start later, with all that is wrong.
    /// </summary>
    public static int MaxConnectionsIn(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return int.TryParse(configuration[$"{Section}:{nameof(MaxConnections)}"], NumberStyles.None, CultureInfo.InvariantCulture, out var connections)
            && connections is >= FewestConnections and <= MostConnections
            ? connections
            : new StoreOptions().MaxConnections;
    }

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (MaxConnections is < FewestConnections or > MostConnections)
        {
            yield return new($"{Section}:{nameof(MaxConnections)} must be between {FewestConnections} and {MostConnections}, and is {MaxConnections}.", [nameof(MaxConnections)]);
        }
    }
}
