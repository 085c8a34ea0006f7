namespace LogPartitioning.Core.DeadLetters;

/// <summary>Why a record became a dead letter: the values of <see cref="DeadLetter.Reason"/> and of the metric's label.</summary>
public static class DeadLetterReason
{
    /// <summary>The record has no key, so its place in an order is not known.</summary>
    public const string MissingKey = "missing_key";

    /// <summary>The key is not the event's source nor one of its split keys, so it may not be where its order is kept.</summary>
    public const string KeyMismatch = "key_mismatch";

    /// <summary>The value is null or has no bytes.</summary>
    public const string EmptyValue = "empty_value";

    /// <summary>The key or the value is not UTF-8.</summary>
    public const string NotUtf8 = "not_utf8";

    /// <summary>The value is not a JSON object.</summary>
    public const string MalformedJson = "malformed_json";

    /// <summary>A field breaks a rule of the event.</summary>
    public const string InvalidField = "invalid_field";

    /// <summary>The message is longer than an event may be.</summary>
    public const string TooLarge = "too_large";

    /// <summary>The event is valid, but the database refuses to store it.</summary>
    public const string RefusedByStore = "refused_by_store";

    /// <summary>The event's id is that of a stored event of another source or with other content.</summary>
    public const string IdConflict = "id_conflict";

    /// <summary>All reasons.</summary>
    public static IReadOnlyList<string> All { get; } =
        [MissingKey, KeyMismatch, EmptyValue, NotUtf8, MalformedJson, InvalidField, TooLarge, RefusedByStore, IdConflict];
}
