namespace LogPartitioning.AppHost.Kafka.Processes;

/// <summary>The arguments of the Java launcher for a program of a Kafka distribution.</summary>
internal static class JavaArguments
{
    /// <summary>Runs <paramref name="mainClass"/> with all jars of the distribution on the class path.</summary>
    public static string[] For(KafkaDistribution distribution, string heap, string logFolder, IReadOnlyList<string> options, string mainClass, params IReadOnlyList<string> args) =>
    [
        $"-Xms{heap}",
        "-Xmx512m",
        "-Djava.awt.headless=true",
        "-Djava.net.preferIPv4Stack=true",
        .. options,
        distribution.UsesLog4J2
            ? $"-Dlog4j2.configurationFile={LogConfiguration.FileIn(distribution, logFolder)}"
            : $"-Dlog4j.configuration=file:{LogConfiguration.FileIn(distribution, logFolder)}",
        "-cp", distribution.ClassPath,
        mainClass,
        .. args,
    ];
}
