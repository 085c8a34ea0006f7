using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LogPartitioning.ServiceDefaults.Requests;

/// <summary>A request that is refused for what stands in it.</summary>
public static class Refusals
{
    /// <summary>The most fields that are named. A request may break a rule at every byte; an answer has to stay bounded.</summary>
    internal const int MaxProblems = 16;

    private const int MaxInText = 4;

    /// <summary>400, with the rules that are broken by field or parameter.</summary>
    public static ProblemHttpResult ByField(IDictionary<string, string[]> problems) => TypedResults.Problem(
        new HttpValidationProblemDetails(problems)
        {
            Status = StatusCodes.Status400BadRequest,
            Title = "The request breaks a rule.",
            Detail = Describe(problems),
        });

    /// <summary>400 for one field or parameter.</summary>
    public static ProblemHttpResult ByField(string field, string rule) => ByField(new Dictionary<string, string[]> { [field] = [rule] });

    private static string Describe(IDictionary<string, string[]> problems)
    {
        var shown = string.Join(". ", problems.Take(MaxInText).Select(problem => $"{problem.Key} {string.Join("; ", problem.Value)}"));
        return problems.Count > MaxInText ? $"{shown}. And {problems.Count - MaxInText} more." : $"{shown}.";
    }
}
