using System.Text.Json;
using System.Text.Json.Serialization;

namespace WolverinePeer;

/// <summary>The value of a record.</summary>
public sealed record Event(Guid Id, DateTimeOffset Timestamp, Level Level, string Source, string Message, JsonElement? Attributes);

/// <summary>The levels, by the numbers that are stored.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Level>))]
public enum Level { Trace, Debug, Information, Warning, Error, Critical }
