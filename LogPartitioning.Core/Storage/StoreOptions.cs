using System.ComponentModel.DataAnnotations;
using System.Globalization;
using LogPartitioning.Core.Events;
using Microsoft.Extensions.Configuration;

namespace LogPartitioning.Core.Storage;

/// <summary>How much of the log store's server a service may use, and how long events are kept there. Configuration section <c>Store</c>.</summary>
public sealed class StoreOptions : IValidatableObject
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Store";

    /// <summary>The fewest connections with which a service can do all it does at once.</summary>
    public const int FewestConnections = 5;

    private const int MostConnections = 1000;
    private const int MostDays = 3650;
    private static readonly TimeSpan s_leastLead = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_mostLead = TimeSpan.FromDays(7);

    /// <summary>Connections to PostgreSQL at most; 5 to 1,000, default 15: five services leave room in a server's usual 100.</summary>
    public int MaxConnections { get; set; } = 15;

    /// <summary>Days that an event is kept, by its timestamp; older ones are refused at the door; 1 to 3,650, default 30.</summary>
    public int RetentionDays { get; set; } = 30;

    /// <summary>Days that events of a level are kept, by its name, where that is fewer than <see cref="RetentionDays"/>; 1 to that, none unless set.</summary>
    public IDictionary<string, int> RetentionDaysByLevel { get; set; } = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);

    /// <summary>How far ahead of the clock an event's timestamp may be at the door; 1 min to 7 days, default 1 day.</summary>
    public TimeSpan MaxTimestampLead { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Days from when an event was stored that its id is known, so that it is not stored again; 1 to <see cref="RetentionDays"/>, default 7.</summary>
    public int IdWindowDays { get; set; } = 7;

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

        if (RetentionDays is < 1 or > MostDays)
        {
            yield return new($"{Section}:{nameof(RetentionDays)} must be between 1 and {MostDays}, and is {RetentionDays}.", [nameof(RetentionDays)]);
        }

        foreach (var (name, days) in RetentionDaysByLevel)
        {
            if (LevelOf(name) is null)
            {
                yield return new($"{Section}:{nameof(RetentionDaysByLevel)}:{name} names no level; there are {string.Join(", ", Enum.GetNames<Severity>())}.", [nameof(RetentionDaysByLevel)]);
            }
            else if (days < 1 || days > RetentionDays)
            {
                yield return new(
                    $"{Section}:{nameof(RetentionDaysByLevel)}:{name} must be between 1 and {Section}:{nameof(RetentionDays)} ({RetentionDays}), and is {days}.",
                    [nameof(RetentionDaysByLevel)]);
            }
        }

        if (MaxTimestampLead < s_leastLead || MaxTimestampLead > s_mostLead)
        {
            yield return new($"{Section}:{nameof(MaxTimestampLead)} must be between {s_leastLead} and {s_mostLead}, and is {MaxTimestampLead}.", [nameof(MaxTimestampLead)]);
        }

        if (IdWindowDays < 1 || IdWindowDays > RetentionDays)
        {
            yield return new(
                $"{Section}:{nameof(IdWindowDays)} must be between 1 and {Section}:{nameof(RetentionDays)} ({RetentionDays}), and is {IdWindowDays}.", [nameof(IdWindowDays)]);
        }
    }

    /// <summary>Which timestamps are taken at the door.</summary>
    public TimestampRange TakenTimestamps => new(TimeSpan.FromDays(RetentionDays), MaxTimestampLead);

    /// <summary>The levels of <see cref="RetentionDaysByLevel"/> that go before the others, with their days.</summary>
    public IEnumerable<(Severity Level, int Days)> ShorterLevels() =>
        from setting in RetentionDaysByLevel
        where LevelOf(setting.Key) is not null && setting.Value < RetentionDays
        let level = LevelOf(setting.Key)!.Value
        orderby level
        select (level, setting.Value);

    /// <summary>How long events are kept, in words.</summary>
    public string RetentionInWords() => string.Create(
        CultureInfo.InvariantCulture,
        $"events {RetentionDays} days, {string.Concat(ShorterLevels().Select(shorter => string.Create(CultureInfo.InvariantCulture, $"{shorter.Level} {shorter.Days}, ")))}ids {IdWindowDays}");

    /// <summary>A level by its name, in any case: names of settings have none.</summary>
    private static Severity? LevelOf(string name) =>
        Array.FindIndex(Enum.GetNames<Severity>(), level => level.Equals(name, StringComparison.OrdinalIgnoreCase)) is >= 0 and var level ? (Severity)level : null;
}
