using System.Text.Json;
using LogPartitioning.ServiceDefaults.Access;

namespace LogPartitioning.Producer.Ingest.Elasticsearch;

/// <summary>
/// What clients of Elasticsearch ask before they send, and after it: who it is, whether it may be used, and whether templates, policies, pipelines and indices are there.
/// All of these are: every field is kept under its name and every index is taken, so there is nothing to set up. What a client puts in their place all the same
/// is answered and not kept.
/// </summary>
internal static class ElasticsearchHandshake
{
    /// <summary>The version whose requests are understood. Clients refuse to speak to one that is too old for them.</summary>
    private const string Version = "8.19.0";

    private const string Prefix = ElasticsearchApi.Prefix;

    public static void Map(IEndpointRouteBuilder routes)
    {
        Answer(routes, Prefix, [HttpMethods.Get, HttpMethods.Head], WriteWho);
        Answer(routes, $"{Prefix}/_license", [HttpMethods.Get], WriteLicence);
        Answer(routes, $"{Prefix}/_xpack", [HttpMethods.Get], WriteFeatures);
        Answer(routes, $"{Prefix}/_cluster/health", [HttpMethods.Get], WriteHealth);
        foreach (var path in new[] { "_index_template/{name}", "_component_template/{name}", "_template/{name}", "_ilm/policy/{name}", "_ingest/pipeline/{name}", "_data_stream/{name}" })
        {
            Answer(routes, $"{Prefix}/{path}", [HttpMethods.Get, HttpMethods.Head], static _ => { });
            Answer(routes, $"{Prefix}/{path}", [HttpMethods.Put], WriteAcknowledged);
        }

        Answer(routes, $"{Prefix}/{{index}}", [HttpMethods.Head], static _ => { });
        // What is taken is on its way to the store, and there is nothing to hurry.
        Answer(routes, $"{Prefix}/{{index}}/_refresh", [HttpMethods.Get, HttpMethods.Post], static _ => { });
        Answer(routes, $"{Prefix}/{{index}}", [HttpMethods.Put], WriteAcknowledged);
    }

    private static void Answer(IEndpointRouteBuilder routes, string route, string[] methods, Action<Utf8JsonWriter> write) => routes
        .MapMethods(route, methods, () => ElasticsearchAnswers.Short(StatusCodes.Status200OK, write))
        .RequireAuthorization(Roles.Write)
        .ExcludeFromDescription();

    private static void WriteWho(Utf8JsonWriter json)
    {
        json.WriteString("name"u8, "log-partitioning"u8);
        json.WriteString("cluster_name"u8, "log-partitioning"u8);
        json.WriteString("cluster_uuid"u8, "log-partitioning"u8);
        json.WriteStartObject("version"u8);
        json.WriteString("number"u8, Version);
        json.WriteString("build_flavor"u8, "default"u8);
        json.WriteString("build_type"u8, "unknown"u8);
        json.WriteBoolean("build_snapshot"u8, false);
        json.WriteString("lucene_version"u8, "none"u8);
        json.WriteString("minimum_wire_compatibility_version"u8, "8.0.0"u8);
        json.WriteString("minimum_index_compatibility_version"u8, "8.0.0"u8);
        json.WriteEndObject();
        json.WriteString("tagline"u8, "LogPartitioning, which takes logs that are sent to _bulk. It is no Elasticsearch, and searches nothing."u8);
    }

    private static void WriteLicence(Utf8JsonWriter json)
    {
        json.WriteStartObject("license"u8);
        json.WriteString("status"u8, "active"u8);
        json.WriteString("uid"u8, "00000000-0000-0000-0000-000000000000"u8);
        json.WriteString("type"u8, "basic"u8);
        json.WriteEndObject();
    }

    private static void WriteFeatures(Utf8JsonWriter json)
    {
        WriteLicence(json);
        json.WriteStartObject("features"u8);
        json.WriteStartObject("ilm"u8);
        json.WriteBoolean("available"u8, true);
        json.WriteBoolean("enabled"u8, true);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteHealth(Utf8JsonWriter json)
    {
        json.WriteString("cluster_name"u8, "log-partitioning"u8);
        json.WriteString("status"u8, "green"u8);
        json.WriteBoolean("timed_out"u8, false);
    }

    private static void WriteAcknowledged(Utf8JsonWriter json) => json.WriteBoolean("acknowledged"u8, true);
}
