using System.Globalization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace LogPartitioning.ServiceDefaults.Access;

/// <summary>What the OpenAPI document says about keys and roles.</summary>
internal static class AccessDocument
{
    private const string Bearer = "bearer";
    private const string Header = "apiKey";

    public static void AddAccess(this OpenApiOptions options)
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
            document.Components.SecuritySchemes[Bearer] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "A key. Needed where the service knows keys.",
            };
            document.Components.SecuritySchemes[Header] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.ApiKey,
                In = ParameterLocation.Header,
                Name = ShownKey.Header,
                Description = "The same in a header of its own.",
            };
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            if (context.Description.ActionDescriptor.EndpointMetadata.OfType<IAuthorizeData>().FirstOrDefault()?.Policy is not { } role)
            {
                return Task.CompletedTask;
            }

            operation.Description = $"{operation.Description} Needs the role `{role}`.".TrimStart();
            operation.Security =
            [
                new() { [new OpenApiSecuritySchemeReference(Bearer, context.Document)] = [] },
                new() { [new OpenApiSecuritySchemeReference(Header, context.Document)] = [] },
            ];
            operation.Responses ??= [];
            AddAnswer(operation.Responses, StatusCodes.Status401Unauthorized, "No key, or none that is known");
            AddAnswer(operation.Responses, StatusCodes.Status403Forbidden, $"The key does not have the role {role}");
            AddAnswer(operation.Responses, StatusCodes.Status429TooManyRequests, "The key sends too many requests");
            return Task.CompletedTask;
        });
    }

    private static void AddAnswer(OpenApiResponses answers, int status, string description) => answers.TryAdd(
        status.ToString(CultureInfo.InvariantCulture),
        new OpenApiResponse
        {
            Description = description,
            Content = new Dictionary<string, OpenApiMediaType> { ["application/problem+json"] = new() },
        });
}
