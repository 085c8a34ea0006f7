namespace LogPartitioning.AppHost.Kafka.Processes;

/// <summary>A program of a Kafka distribution: the arguments of the Java launcher, and the file that says what it logs.</summary>
/// <param name="Distribution">The distribution.</param>
/// <param name="Folder">Where the file lies.</param>
internal sealed record JavaProgram(KafkaDistribution Distribution, string Folder)
{
    // Warnings and the brokers' starts and stops, to standard output.
    private static readonly JavaProperties Log4J1 = new()
    {
        { "log4j.rootLogger", "WARN, stdout" },
        { "log4j.appender.stdout", "org.apache.log4j.ConsoleAppender" },
        { "log4j.appender.stdout.layout", "org.apache.log4j.PatternLayout" },
        { "log4j.appender.stdout.layout.ConversionPattern", "%d{ISO8601} %p %m (%c)%n" },
        { "log4j.logger.kafka.server.KafkaServer", "INFO" },
    };

    // What brokers that start and stop together warn of, each time they do. That one is missing, the cluster's health tells.
    private static readonly string[] UsualWarnings =
    [
        "Connection to node .* could not be established. Node may not be available",
        "Attempting to close NetworkClient that has already been closed",
        "Performing controller activation",
        "Graceful shutdown timed out after",
        "Graceful shutdown of RaftClient failed",
        "Partition .* marked as failed",
        "Auto topic creation failed .*TOPIC_ALREADY_EXISTS",
    ];

    private static readonly JavaProperties Log4J2 = new()
    {
        { "rootLogger.level", "warn" },
        { "rootLogger.appenderRef.stdout.ref", "stdout" },
        { "appender.stdout.type", "Console" },
        { "appender.stdout.name", "stdout" },
        { "appender.stdout.layout.type", "PatternLayout" },
        { "appender.stdout.layout.pattern", "%d{ISO8601} %p %m (%c)%n" },
        { "appender.stdout.filter.usual.type", "RegexFilter" },
        { "appender.stdout.filter.usual.regex", $"(?s).*({string.Join('|', UsualWarnings)}).*" },
        { "appender.stdout.filter.usual.onMatch", "DENY" },
        { "appender.stdout.filter.usual.onMismatch", "NEUTRAL" },
        { "logger.server.name", "kafka.server.KafkaRaftServer" },
        { "logger.server.level", "info" },
    };

    private string LogFile => Path.Combine(Folder, Distribution.UsesLog4J2 ? "log4j2.properties" : "log4j.properties");

    // As an address, where a blank and an umlaut have one spelling; Log4j 2 would also take a comma for the end of a file name.
    // Not by Uri, which takes a "%20" in a folder's name for a blank.
    private string LogAddress => $"file://{string.Join('/', LogFile.Split(Path.DirectorySeparatorChar).Select(Uri.EscapeDataString))}";

    /// <summary>The arguments that run <paramref name="mainClass"/> with all jars of the distribution on the class path.</summary>
    public string[] Arguments(string heap, IReadOnlyList<string> options, string mainClass, params IReadOnlyList<string> args) =>
    [
        $"-Xms{heap}",
        "-Xmx512m",
        // Three brokers share a developer's machine with everything else. Measured on two cores, 1,000,000 events written and read:
        // 26 s of CPU for the three instead of 75 s, most of it saved on compiling, and ready 3 s sooner.
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Djava.awt.headless=true",
        "-Djava.net.preferIPv4Stack=true",
        .. options,
        $"-D{(Distribution.UsesLog4J2 ? "log4j2.configurationFile" : "log4j.configuration")}={LogAddress}",
        "-cp", Distribution.ClassPath,
        mainClass,
        .. args,
    ];

    /// <summary>The environment: Java reads the names of files in the locale's encoding, and without this one loses their umlauts.</summary>
    public static IReadOnlyDictionary<string, string> Environment { get; } =
        OperatingSystem.IsLinux() ? new Dictionary<string, string> { ["LC_ALL"] = "C.UTF-8" } : [];

    /// <summary>Writes the file that says what the program logs.</summary>
    public Task WriteLogConfigurationAsync(CancellationToken cancellationToken) =>
        (Distribution.UsesLog4J2 ? Log4J2 : Log4J1).WriteAsync(LogFile, cancellationToken);
}
