namespace LogPartitioning.AppHost.Infrastructure.Processes;

/// <summary>The arguments of the Java launcher for a program of a Kafka distribution.</summary>
internal static class JavaArguments
{
    /// <summary>Runs <paramref name="mainClass"/> with all jars of the distribution on the class path.</summary>
    public static string[] For(KafkaDistribution distribution, string heap, string logFolder, string mainClass, params string[] args) =>
    [
        $"-Xms{heap}",
        "-Xmx512m",
        "-Djava.awt.headless=true",
        "-Djava.net.preferIPv4Stack=true",
        // Old distributions reach into the JDK, which Java 17 refuses unless told to let them.
        .. distribution.UsesKRaft ? Array.Empty<string>() :
        [
            "--add-opens", "java.base/sun.nio.ch=ALL-UNNAMED",
            "--add-opens", "java.base/java.nio=ALL-UNNAMED",
            "--add-opens", "java.base/java.lang=ALL-UNNAMED",
        ],
        distribution.UsesLog4J2
            ? $"-Dlog4j2.configurationFile={LogConfiguration.FileIn(distribution, logFolder)}"
            : $"-Dlog4j.configuration=file:{LogConfiguration.FileIn(distribution, logFolder)}",
        "-cp", distribution.ClassPath,
        mainClass,
        .. args,
    ];
}
