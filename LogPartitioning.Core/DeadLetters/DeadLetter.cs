using System.Diagnostics.CodeAnalysis;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace LogPartitioning.Core.DeadLetters;

/// <summary>A record that could not be processed, as the dead letter topic keeps it: UTF-8 JSON, the bytes as base64.</summary>
/// <param name="Topic">The topic it was read from.</param>
/// <param name="Partition">The partition it was read from.</param>
/// <param name="Offset">The offset it was read from.</param>
/// <param name="Reason">Why, as a short name that metrics can carry, e.g. <c>malformed</c>.</param>
/// <param name="Detail">Why, in words, where there is more to say.</param>
/// <param name="At">When it was set aside.</param>
/// <param name="Key">The record's key, null where it had none.</param>
/// <param name="Value">The record's value, null where it had none or was too large to keep.</param>
/// <param name="TopicId">The brokers' id of the topic; null where they have no such ids, and in letters of earlier versions.</param>
public sealed record DeadLetter(
    string Topic, int Partition, long Offset, string Reason, string? Detail, DateTimeOffset At, byte[]? Key, byte[]? Value, string? TopicId = null)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        NumberHandling = JsonNumberHandling.Strict,
    };

    /// <summary>The value of the record in the dead letter topic.</summary>
    public byte[] Serialize() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    /// <summary>Reads what <see cref="Serialize"/> wrote. Never throws, whatever the bytes.</summary>
    public static bool TryParse(ReadOnlySpan<byte> value, [NotNullWhen(true)] out DeadLetter? letter)
    {
        try
        {
            letter = JsonSerializer.Deserialize<DeadLetter>(value, Json);
        }
        catch (JsonException)
        {
            letter = null;
        }
        return letter is not null;
    }
}
