namespace LogPartitioning.Otlp;

/// <summary>Bytes that are no protobuf message of the kind that they should be.</summary>
/// <param name="message">What is wrong.</param>
public sealed class MalformedProtobufException(string message) : FormatException(message);
