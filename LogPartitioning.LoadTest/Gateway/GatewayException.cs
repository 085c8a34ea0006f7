namespace LogPartitioning.LoadTest.Gateway;

/// <summary>The gateway did not answer, or answered with an error; the message says which request and why.</summary>
internal sealed class GatewayException(string message, Exception cause) : Exception(message, cause);
