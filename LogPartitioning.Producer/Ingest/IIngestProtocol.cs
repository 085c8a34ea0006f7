namespace LogPartitioning.Producer.Ingest;

/// <summary>
/// A way in: how its requests are read into events, and how they are answered in its own words. What lies between, the way to the brokers, is the
/// same for all (<see cref="EventIntake"/>).
/// </summary>
internal interface IIngestProtocol
{
    /// <summary>Looks at what the head of a request says of its body.</summary>
    /// <exception cref="RequestRefusedException">It is nothing that can be read.</exception>
    void Check(HttpRequest request);

    /// <summary>Reads the events of a request, all of them.</summary>
    /// <exception cref="RequestRefusedException">The body is malformed, empty or too large: nothing of it is taken.</exception>
    ValueTask<EventBatch> ReadAsync(HttpContext context, BufferBudget.Reservation memory);

    /// <summary>Answers when every event has its outcome.</summary>
    IResult Answer(HttpContext context, Intake intake);

    /// <summary>Answers a request that was refused as a whole, before anything of it was sent.</summary>
    IResult Refuse(HttpContext context, RequestRefusedException refused);
}
