using System.Text.Json;
using System.Text.Json.Serialization;

namespace LogPartitioning.Core.GroupState;

/// <summary>How group state is written to Redis: camelCase, without nulls. What is read must have what is never null.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(InstanceState))]
[JsonSerializable(typeof(RebalanceEvent))]
internal sealed partial class GroupStateJson : JsonSerializerContext;
