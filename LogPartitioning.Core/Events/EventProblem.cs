namespace LogPartitioning.Core.Events;

/// <summary>One rule that an event breaks.</summary>
/// <param name="Field">The field at fault, e.g. <c>source</c> or <c>attributes.orderId</c>; <c>event</c> for the whole.</param>
/// <param name="Rule">The rule, worded so that it follows the field's name: "is required".</param>
public sealed record EventProblem(string Field, string Rule)
{
    /// <summary>The <see cref="Field"/> of a problem that no single field has.</summary>
    public const string WholeEvent = "event";

    /// <summary>The problem as a sentence: the field, then its rule.</summary>
    public override string ToString() => $"{Field} {Rule}";
}
