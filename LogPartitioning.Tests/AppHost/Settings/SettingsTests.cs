using System.Net;
using System.Net.Sockets;
using LogPartitioning.AppHost.Machine;
using LogPartitioning.Core.Events;

namespace LogPartitioning.Tests.AppHost.Settings;

public sealed class SettingsTests : IDisposable
{
    private readonly FakeMachine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void Without_any_setting_three_replicas_run_and_crashed_services_are_started_again()
    {
        var (settings, reader) = _machine.Read();

        Assert.Empty(reader.Problems);
        Assert.Empty(reader.Warnings);
        Assert.NotNull(settings);
        Assert.Equal(3, settings.ConsumerReplicas);
        Assert.Equal(12, settings.Topics.Partitions);
        Assert.True(settings.RestartServices);
        Assert.Equal(_machine.At("bin", "prometheus"), settings.Prometheus);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("101")]
    [InlineData("three")]
    [InlineData("2.5")]
    public void A_number_of_replicas_out_of_range_is_refused_with_the_range(string replicas)
    {
        _machine["ConsumerReplicas"] = replicas;

        Assert.Equal($"ConsumerReplicas must be a whole number from 1 to 100; it is \"{replicas}\".", _machine.Problem());
    }

    [Theory]
    [InlineData(null, "3", 300, 48)] // a gateway, a producer, three consumers and a spare one
    [InlineData("100", "3", 100, 15)]
    [InlineData("2000", "3", 2000, 100)]
    [InlineData(null, "100", 1030, 10)]
    public void The_connections_of_PostgreSQL_are_shared_out_among_the_services(string? connections, string replicas, int most, int forService)
    {
        _machine["ConsumerReplicas"] = replicas;
        _machine["Infrastructure:PostgresConnections"] = connections;

        var (settings, _) = _machine.Read();

        Assert.Equal((most, forService), (settings!.Store.Connections, settings.Store.ForService));
        Assert.True(settings.Store.ForService * (settings.ConsumerInstances + 2) < settings.Store.Connections);
    }

    [Fact]
    public void Too_few_connections_for_all_services_are_refused_with_the_number_that_it_takes()
    {
        _machine["Infrastructure:PostgresConnections"] = "39";

        Assert.Equal(
            "Infrastructure:PostgresConnections is 39, which is too few for a gateway, a producer and 4 consumers: 5 for each and 10 for others make 40.",
            _machine.Problem());
    }

    [Fact]
    public void What_would_stop_every_service_for_its_retention_is_told_at_once()
    {
        _machine["Store:RetentionDays"] = "5";
        _machine["Store:MaxTimestampLead"] = "8.00:00:00";
        _machine["Store:RetentionDaysByLevel:Debgu"] = "3";
        _machine["Store:RetentionDaysByLevel:error"] = "6";
        _machine["Store:RetentionDaysByLevel:Trace"] = "0";
        _machine["Store:RetentionDaysByLevel:WARNING"] = "5";

        var (settings, reader) = _machine.Read();

        Assert.Null(settings);
        // The window of ids is the default one.
        Assert.Equal(
            [
                "Store:MaxTimestampLead must be a time from 00:01:00 to 7.00:00:00; it is \"8.00:00:00\".",
                "Store:IdWindowDays must be at most Store:RetentionDays (5); it is 7.",
                $"Store:RetentionDaysByLevel:Debgu names no level; there are {string.Join(", ", Enum.GetNames<Severity>())}.",
                "Store:RetentionDaysByLevel:error must be at most Store:RetentionDays (5); it is 6.",
                "Store:RetentionDaysByLevel:Trace must be a whole number from 1 to 3650; it is \"0\".",
            ],
            reader.Problems);
    }

    [Fact]
    public void Retention_at_its_ends_is_handed_on()
    {
        _machine["Store:RetentionDays"] = "1";
        _machine["Store:IdWindowDays"] = "1";
        _machine["Store:MaxTimestampLead"] = "7.00:00:00";
        _machine["Store:RetentionDaysByLevel:debug"] = "1";

        var (settings, reader) = _machine.Read();

        Assert.Empty(reader.Problems);
        Assert.Contains(KeyValuePair.Create("Store__RetentionDaysByLevel__debug", "1"), settings!.ServiceSettings);
    }

    [Theory]
    [InlineData("Docker")]
    [InlineData("2")]
    public void An_unknown_mode_is_refused_with_the_known_ones(string mode)
    {
        _machine["Infrastructure:Mode"] = mode;

        var (settings, reader) = _machine.Read();

        Assert.Null(settings);
        Assert.Equal($"Infrastructure:Mode must be one of Auto, Containers, Processes, External; it is \"{mode}\".", reader.Problems[0]);
    }

    [Theory]
    [InlineData("4", null)]
    [InlineData("5", "ConsumerReplicas 5 with Consumer:Concurrency 3 makes 15 workers for 12 partitions; 3 of them will have nothing to do.")]
    public void More_workers_than_partitions_are_only_warned_about(string replicas, string? warning)
    {
        _machine["ConsumerReplicas"] = replicas;

        var (settings, reader) = _machine.Read();

        Assert.NotNull(settings);
        Assert.Equal(warning, reader.Warnings.SingleOrDefault());
    }

    [Fact]
    public void The_services_number_of_partitions_is_the_brokers_own_too()
    {
        _machine["Kafka:Partitions"] = "24";

        var (settings, _) = _machine.Read();

        Assert.Equal(24, settings!.Topics.Partitions);
        Assert.Contains(KeyValuePair.Create("Kafka__Partitions", "24"), settings.ServiceSettings);
    }

    [Theory]
    [InlineData("Kafka:Client:SecurityProtocol", "SaslSsl")]
    [InlineData("Kafka:Client:security.protocol", "ssl")]
    public void Brokers_of_this_machine_speak_plain_text_so_another_protocol_is_refused(string name, string protocol)
    {
        _machine[name] = protocol;

        Assert.Equal(
            $"{name} is for brokers of your own, but Infrastructure:Mode is Processes, whose brokers speak plain text on this machine. Leave it out, or set Infrastructure:Mode to External.",
            _machine.Problem());
    }

    [Theory]
    [InlineData("web__01")]
    [InlineData("checkout-7")]
    [InlineData("10.0.0.7:9092")]
    public void A_source_in_the_name_of_a_setting_is_refused_with_the_new_form(string source)
    {
        _machine[$"Partitioning:SplitSources:{source}"] = "4";

        Assert.Equal(
            $"Partitioning:SplitSources:{source} names a source, which must be a value: Partitioning:SplitSources:0:Source={source} and Partitioning:SplitSources:0:Keys=4.",
            _machine.Problem());
    }

    [Fact]
    public void A_name_that_all_consumers_would_have_is_refused()
    {
        _machine["Consumer:Instance"] = "mine";

        Assert.StartsWith("Consumer:Instance names one consumer, and would name all of them \"mine\"", _machine.Problem(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_source_in_a_value_is_handed_on_as_it_is()
    {
        _machine["Partitioning:SplitSources:0:Source"] = "web__01:9092";
        _machine["Partitioning:SplitSources:0:Keys"] = "4";

        var (settings, _) = _machine.Read();

        Assert.Contains(new("Partitioning__SplitSources__0__Source", "web__01:9092"), settings!.ServiceSettings);
    }

    [Fact]
    public void A_taken_gateway_port_is_refused_with_its_setting()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        _machine["Ports:Random"] = null;
        _machine["Ports:Gateway"] = $"{port}";

        var problem = _machine.Problem();

        Assert.StartsWith($"Port {port}, where the gateway listens, is in use.", problem, StringComparison.Ordinal);
        Assert.Contains("Ports:Gateway", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_kafka_home_without_jars_is_refused()
    {
        _machine["KAFKA_HOME"] = _machine.At("bin");

        Assert.Equal(
            $"KAFKA_HOME is {_machine.At("bin")}, but {_machine.At("bin", "libs")} does not exist. It must name an Apache Kafka distribution, a folder with libs/*.jar.",
            _machine.Problem());
    }

    [Fact]
    public void Without_kafka_home_and_set_up_the_way_out_is_named()
    {
        _machine["KAFKA_HOME"] = null;

        Assert.Contains("./run.sh", _machine.Problem(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("elsewhere")]
    public void Without_kafka_home_the_newest_release_that_set_up_fetched_is_used(string? cache)
    {
        _machine["KAFKA_HOME"] = null;
        _machine["XDG_CACHE_HOME"] = cache is null ? null : _machine.At(cache);
        string[] folder = [.. cache is null ? new[] { "home", ".cache" } : [cache], "logpartitioning"];
        _machine.AddFile([.. folder, "kafka_2.13-4.9.0", "libs", "kafka_2.13-4.9.0.jar"]);
        _machine.AddFile([.. folder, "kafka_2.13-4.10.0", "libs", "kafka_2.13-4.10.0.jar"]);
        _machine.AddFile([.. folder, "kafka_2.13-4.11.0.tgz.part"]);
        _machine.AddFile([.. folder, "unpack.a1b2c3", "kafka_2.13-4.11.0", "libs", "kafka_2.13-4.11.0.jar"]);

        Assert.Equal(_machine.At([.. folder, "kafka_2.13-4.10.0"]), _machine.Read().Settings?.Servers?.Kafka.Home);
    }

    [Fact]
    public void A_release_that_is_not_whole_is_named_with_the_way_out()
    {
        _machine["KAFKA_HOME"] = null;
        _machine.AddFile("home", ".cache", "logpartitioning", "kafka_2.13-4.10.0", "LICENSE");

        var home = _machine.At("home", ".cache", "logpartitioning", "kafka_2.13-4.10.0");
        Assert.Equal(
            $"The Apache Kafka that set-up fetched is not whole: {home}/libs does not exist. Delete {home} and start with ./run.sh.",
            _machine.Problem());
    }

    [Theory]
    [InlineData("11.0.22", "4.1.0", "Java 11", "17")]
    [InlineData("1.8.0_392", "4.1.0", "Java 8", "17")]
    [InlineData("1.7.0_80", "0.9.0.1", "Java 7", "8")]
    public void A_java_too_old_for_the_brokers_is_refused_with_the_way_out(string java, string kafka, string found, string needed)
    {
        using var machine = new FakeMachine(kafka);
        machine.AddJava(java, "jdk", "bin");
        machine["JAVA_HOME"] = machine.At("jdk");

        Assert.Equal(
            $"{machine.At("jdk", "bin", "java")} is {found}, but Apache Kafka {kafka} needs {needed} or later: set JAVA_HOME to a newer one (Debian package openjdk-17-jre-headless).",
            machine.Problem());
    }

    [Theory]
    [InlineData("17", "4.1.0")]
    [InlineData("21.0.2", "4.1.0")]
    [InlineData("25-ea", "4.1.0")]
    [InlineData("1.8.0_392", "0.9.0.1")]
    [InlineData("11.0.22", "3.9.1")]
    [InlineData("a secret", "4.1.0")]
    public void A_java_new_enough_or_of_unknown_version_is_taken(string java, string kafka)
    {
        using var machine = new FakeMachine(kafka);
        machine.AddJava(java, "bin");

        Assert.Equal(machine.At("bin", "java"), machine.Read().Settings?.Servers?.Java);
    }

    [Fact]
    public void A_java_that_cannot_be_started_is_left_for_the_brokers_to_tell()
    {
        _machine.AddFile("jdk", "bin", "java");
        _machine["JAVA_HOME"] = _machine.At("jdk");

        Assert.NotNull(_machine.Read().Settings);
    }

    [Fact]
    public void A_machine_without_servers_is_told_every_one_that_is_missing()
    {
        _machine["PATH"] = _machine.At("empty");
        _machine["POSTGRES_HOME"] = _machine.At("empty");

        var (settings, reader) = _machine.Read();

        Assert.Null(settings);
        Assert.Collection(
            reader.Problems,
            java => Assert.StartsWith("No Java was found", java, StringComparison.Ordinal),
            postgres => Assert.StartsWith("POSTGRES_HOME is", postgres, StringComparison.Ordinal),
            redis => Assert.StartsWith("redis-server was not found", redis, StringComparison.Ordinal));
    }

    [Fact]
    public void A_java_home_without_java_is_refused()
    {
        _machine["JAVA_HOME"] = _machine.At("nowhere");

        Assert.Equal($"JAVA_HOME is {_machine.At("nowhere")}, but there is no {_machine.At("nowhere", "bin", "java")}.", _machine.Problem());
    }

    [Fact]
    public void External_mode_names_each_connection_string_that_is_not_set()
    {
        _machine["Infrastructure:Mode"] = "External";
        _machine["ConnectionStrings:redis"] = "cache:6379";

        var (settings, reader) = _machine.Read();

        Assert.Null(settings);
        Assert.Collection(
            reader.Problems,
            kafka => Assert.Contains("ConnectionStrings__kafka", kafka, StringComparison.Ordinal),
            logs => Assert.Contains("ConnectionStrings__logs", logs, StringComparison.Ordinal));
    }

    [Fact]
    public void All_mistakes_are_told_at_once()
    {
        _machine["ConsumerReplicas"] = "0";
        _machine["Restart:Enabled"] = "perhaps";
        _machine["Ports:Kafka"] = "70000";
        _machine["KAFKA_HOME"] = _machine.At("bin");

        Assert.Equal(4, _machine.Read().Reader.Problems.Count);
    }

    [Fact]
    public void Two_applications_do_not_share_a_data_folder()
    {
        Assert.NotNull(_machine.Read().Settings);

        Assert.Contains("Infrastructure:DataPath", _machine.Problem(), StringComparison.Ordinal);
    }

    [Fact]
    public void Only_the_services_own_sections_are_handed_on_to_them()
    {
        _machine["Consumer:SessionTimeout"] = "00:00:06";
        _machine["Kafka:Topic"] = "trial";
        _machine["SECRET_OF_THE_SHELL"] = "x";

        Assert.Equal(
            [KeyValuePair.Create("Consumer__SessionTimeout", "00:00:06"), KeyValuePair.Create("Kafka__Topic", "trial")],
            _machine.Read().Settings?.ServiceSettings);
    }

    [Fact]
    public void Containers_without_packages_or_runtime_are_refused_with_a_way_out()
    {
        if (ContainerRuntime.WhatIsMissing() is not { } missing)
        {
            return; // this machine has both
        }

        _machine["Infrastructure:Mode"] = "Containers";

        Assert.Equal(
            $"Infrastructure:Mode is Containers, but {missing}. Install what is missing, or set Infrastructure:Mode to Processes (servers installed on this machine) or Auto.",
            _machine.Problem());
    }
}
