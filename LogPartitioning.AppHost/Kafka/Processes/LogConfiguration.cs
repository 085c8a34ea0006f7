namespace LogPartitioning.AppHost.Kafka.Processes;

/// <summary>The logging configuration of the Java servers: warnings and the starts and stops, to standard output.</summary>
internal static class LogConfiguration
{
    private const string Log4J1 = """
        log4j.rootLogger=WARN, stdout
        log4j.appender.stdout=org.apache.log4j.ConsoleAppender
        log4j.appender.stdout.layout=org.apache.log4j.PatternLayout
        log4j.appender.stdout.layout.ConversionPattern=%d{ISO8601} %p %m (%c)%n
        log4j.logger.kafka.server.KafkaServer=INFO

        """;

    private const string Log4J2 = """
        rootLogger.level=warn
        rootLogger.appenderRef.stdout.ref=stdout
        appender.stdout.type=Console
        appender.stdout.name=stdout
        appender.stdout.layout.type=PatternLayout
        appender.stdout.layout.pattern=%d{ISO8601} %p %m (%c)%n
        logger.server.name=kafka.server.KafkaRaftServer
        logger.server.level=info

        """;

    /// <summary>Where the file lies in <paramref name="folder"/>.</summary>
    public static string FileIn(KafkaDistribution distribution, string folder) =>
        Path.Combine(folder, distribution.UsesLog4J2 ? "log4j2.properties" : "log4j.properties");

    /// <summary>Writes the file.</summary>
    public static Task WriteAsync(KafkaDistribution distribution, string folder, CancellationToken cancellationToken) =>
        File.WriteAllTextAsync(FileIn(distribution, folder), distribution.UsesLog4J2 ? Log4J2 : Log4J1, cancellationToken);
}
