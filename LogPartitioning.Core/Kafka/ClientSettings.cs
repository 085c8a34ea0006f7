using System.Globalization;
using System.Reflection;
using Confluent.Kafka;

namespace LogPartitioning.Core.Kafka;

/// <summary>
/// What a cluster of one's own needs beside its address, TLS and SASL above all: <see cref="KafkaOptions.Client"/>, the same for
/// every client of every service. A setting has the name of a property of <see cref="ClientConfig"/>, or the one that the client's
/// native library has for it, with dots.
/// </summary>
public sealed class ClientSettings
{
    private const string Prefix = $"{KafkaOptions.Section}:{nameof(KafkaOptions.Client)}";

    /// <summary>What the services decide themselves, and why.</summary>
    private static readonly Dictionary<string, string> s_owned = new(StringComparer.OrdinalIgnoreCase)
    {
        [nameof(ClientConfig.BootstrapServers)] = "the brokers' addresses are ConnectionStrings:kafka",
        [nameof(ClientConfig.ClientId)] = "the services name their clients, and tell the members of the group by these names",
        [nameof(ClientConfig.Acks)] = "an event counts as acknowledged when all replicas in sync have it",
        [nameof(ClientConfig.MaxInFlight)] = "the order of a key depends on it",
        [nameof(ClientConfig.MessageMaxBytes)] = "how large a record may be follows from the rules of an event",
        [nameof(ClientConfig.AllowAutoCreateTopics)] = "the services create their topics themselves",
        [nameof(ClientConfig.ApiVersionRequest)] = "it follows from Kafka:BrokerVersion",
        [nameof(ClientConfig.ApiVersionFallbackMs)] = "it follows from Kafka:BrokerVersion",
        [nameof(ClientConfig.BrokerVersionFallback)] = "it follows from Kafka:BrokerVersion",
    };

    private static readonly Dictionary<string, (PropertyInfo Property, string NativeName)> s_known = Names(typeof(ClientConfig), typeof(ClientConfig));

    /// <summary>Settings of one kind of client.</summary>
    private static readonly HashSet<string> s_ofOneKind = new(
        Names(typeof(ConsumerConfig), typeof(ConsumerConfig)).Concat(Names(typeof(ProducerConfig), typeof(ProducerConfig))).Select(name => name.Key),
        StringComparer.OrdinalIgnoreCase);

    private readonly SortedDictionary<string, (string Setting, string Value)> _values = new(StringComparer.Ordinal);
    private readonly List<string> _problems = [];

    private ClientSettings()
    {
    }

    /// <summary>What is wrong with the names and the values, as far as their types go; a sentence each. A value is shown only where
    /// it can be no secret.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Reads the settings.</summary>
    public static ClientSettings Of(KafkaOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var settings = new ClientSettings();
        foreach (var (name, value) in options.Client.OrderBy(setting => setting.Key, StringComparer.Ordinal))
        {
            settings.Add(name, value);
        }

        return settings;
    }

    /// <summary>Sets a client.</summary>
    public void Apply(ClientConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        foreach (var (nativeName, (_, value)) in _values)
        {
            config.Set(nativeName, value);
        }
    }

    /// <summary>
    /// What the client library itself says to them, a sentence each: a client is made, which reads the certificates, and connects
    /// to nobody.
    /// </summary>
    public IEnumerable<string> ProblemsOfAClient()
    {
        if (_values.Count == 0 || _problems.Count > 0)
        {
            yield break;
        }

        // Of a file that is not there the library says no more than that something failed.
        var missing = _values.Where(value => IsPath(value.Key) && !File.Exists(value.Value.Value) && !Directory.Exists(value.Value.Value)).ToList();
        foreach (var (_, (setting, value)) in missing)
        {
            yield return $"{setting} must be the path of a file that this service may read; there is none at \"{value}\".";
        }

        if (missing.Count > 0)
        {
            yield break;
        }

        var config = new AdminClientConfig();
        Apply(config);
        // Or it would say, past every handler, that it has no address.
        config.Set("log_level", "0");
        string? reason = null;
        try
        {
            new AdminClientBuilder(config).SetLogHandler(static (_, _) => { }).Build().Dispose();
        }
        catch (Exception e) when (e is KafkaException or InvalidOperationException or ArgumentException)
        {
            reason = e.Message;
        }

        if (reason is not null)
        {
            // The library names its settings with dots. Of "ssl.key" and "ssl.key.password" the longer one is meant.
            var named = _values.Where(value => reason.Contains(value.Key, StringComparison.Ordinal)).OrderBy(value => value.Key.Length).Select(value => value.Value.Setting).LastOrDefault();
            yield return $"{named ?? Prefix} is refused by the client library: {reason.TrimEnd('.')}.";
        }
    }

    /// <summary>Whether a setting names a file; "probe" has the library look where systems keep their authorities.</summary>
    private bool IsPath(string nativeName) =>
        (nativeName.EndsWith(".location", StringComparison.Ordinal) || nativeName.EndsWith(".file", StringComparison.Ordinal))
        && _values[nativeName].Value != "probe";

    private void Add(string name, string? value)
    {
        var setting = $"{Prefix}:{name}";
        if (s_owned.GetValueOrDefault(name) is { } reason
            || (s_known.TryGetValue(name, out var known) && s_owned.TryGetValue(known.Property.Name, out reason)))
        {
            _problems.Add($"{setting} must not be set: {reason}.");
        }
        else if (known.Property is null)
        {
            _problems.Add(s_ofOneKind.Contains(name)
                ? $"{setting} must not be set: it is for one kind of client, and the services decide it themselves."
                : $"{setting} is no setting of the client library that all clients have; see ClientConfig of Confluent.Kafka for their names.");
        }
        else if (string.IsNullOrEmpty(value))
        {
            // A variable that is set to nothing.
        }
        else if (_values.TryGetValue(known.NativeName, out var other))
        {
            _problems.Add($"{setting} and {other.Setting} are the same setting; leave one out.");
        }
        else if (NativeValue(known.Property, known.NativeName, value) is { } native)
        {
            _values.Add(known.NativeName, (setting, native));
        }
        else
        {
            var type = TypeOf(known.Property);
            var rule = type.IsEnum ? $"one of {string.Join(", ", Enum.GetNames(type))}" : type == typeof(bool) ? "true or false" : "a whole number";
            _problems.Add($"{setting} must be {rule}; it is \"{value}\".");
        }
    }

    /// <summary>A value as the native library writes it; null when it is none of the property's type.</summary>
    private static string? NativeValue(PropertyInfo property, string nativeName, string value)
    {
        var type = TypeOf(property);
        object? typed =
            type == typeof(string) ? value
            : type == typeof(int) ? (int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null)
            : type == typeof(bool) ? (bool.TryParse(value, out var flag) ? flag : null)
            : type == typeof(double) ? (double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) ? real : null)
            : Named(type, value);
        if (typed is null)
        {
            return null;
        }

        var config = (ClientConfig)Activator.CreateInstance(property.DeclaringType!)!;
        property.SetValue(config, typed);
        return config.Get(nativeName);
    }

    /// <summary>The value of an enumeration: <c>ScramSha512</c>, or as the native library writes it, <c>SCRAM-SHA-512</c>.</summary>
    private static object? Named(Type type, string value)
    {
        var name = string.Concat(value.Where(char.IsLetterOrDigit));
        var found = Enum.GetNames(type).FirstOrDefault(known => known.Equals(name, StringComparison.OrdinalIgnoreCase));
        return found is null ? null : Enum.Parse(type, found);
    }

    /// <summary>The settings of a type by both of their names. The native one is what setting the property leaves behind.</summary>
    private static Dictionary<string, (PropertyInfo Property, string NativeName)> Names(Type type, Type declaring)
    {
        var names = new Dictionary<string, (PropertyInfo, string)>(StringComparer.OrdinalIgnoreCase);
        foreach (var property in type.GetProperties().Where(property => property.DeclaringType == declaring && property is { CanRead: true, CanWrite: true }))
        {
            var config = (ClientConfig)Activator.CreateInstance(type)!;
            property.SetValue(config, AnyValueOf(TypeOf(property)));
            if (config.SingleOrDefault() is { Key: { } nativeName })
            {
                names[property.Name] = names[nativeName] = (property, nativeName);
            }
        }

        return names;
    }

    private static object AnyValueOf(Type type) =>
        type == typeof(string) ? "x" : type.IsEnum ? Enum.GetValues(type).GetValue(0)! : Activator.CreateInstance(type)!;

    private static Type TypeOf(PropertyInfo property) => Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
}
