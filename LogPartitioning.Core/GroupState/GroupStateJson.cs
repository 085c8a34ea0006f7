using System.Text.Json;
using System.Text.Json.Serialization;

namespace LogPartitioning.Core.GroupState;

/// <summary>How group state is written to Redis: camelCase, without nulls.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(InstanceState))]
[JsonSerializable(typeof(RebalanceEvent))]
internal sealed partial class GroupStateJson : JsonSerializerContext;
