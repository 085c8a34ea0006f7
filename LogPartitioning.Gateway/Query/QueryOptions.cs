using System.ComponentModel.DataAnnotations;

namespace LogPartitioning.Gateway.Query;

/// <summary>How much a question about stored events may cost. Configuration section <c>Query</c>.</summary>
internal sealed class QueryOptions : IValidatableObject
{
    public const string Section = "Query";

    internal const long DefaultMaxSearchedEvents = 2_000_000;

    /// <summary>Events whose message a search for a text may look through; 1,000 to 1,000,000,000, default 2,000,000, which takes about two seconds.</summary>
    public long MaxSearchedEvents { get; set; } = DefaultMaxSearchedEvents;

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (MaxSearchedEvents is < 1000 or > 1_000_000_000)
        {
            yield return new($"{Section}:{nameof(MaxSearchedEvents)} must be between 1000 and 1000000000, and is {MaxSearchedEvents}.", [nameof(MaxSearchedEvents)]);
        }
    }
}
