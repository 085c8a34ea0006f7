using LogPartitioning.Producer.Delivery;

namespace LogPartitioning.Producer.Identity;

/// <summary>
/// Whether the ids that clients give their events were used before, as far as it is known here: by events that are stored, and by those
/// that this producer took lately. What it does not know the consumers find, who set a second event with an id aside.
/// </summary>
internal sealed class EventIds(RecentIds recent, StoredIds stored)
{
    /// <summary>Judges the events that are about to be sent. Those without a word are under way from now on.</summary>
    /// <returns>For each event what is known of an earlier use of its id; null where nothing is.</returns>
    public async Task<IdUse?[]> JudgeAsync(IReadOnlyList<RequestEvent> events, CancellationToken cancellationToken)
    {
        var uses = new IdUse?[events.Count];
        var begun = new Dictionary<Guid, int>();
        for (var i = 0; i < uses.Length; i++)
        {
            if (!events[i].HasOwnId)
            {
                continue;
            }

            switch (recent.Begin(events[i].Id, events[i].Source, events[i].Fingerprint, out uses[i]))
            {
                case RecentIds.Beginning.New:
                    begun[events[i].Id] = i;
                    break;
                case RecentIds.Beginning.UnderWay when begun.TryGetValue(events[i].Id, out var first):
                    uses[i] = new IdUse.Repeated(first);
                    break;
            }
        }

        foreach (var (id, use) in await stored.FindAsync([.. begun.Values.Order().Select(i => events[i])], cancellationToken))
        {
            var index = begun[id];
            uses[index] = use;
            if (use is IdUse.Acknowledged place)
            {
                recent.Acknowledge(id, events[index].Source, events[index].Fingerprint, place);
            }
            else
            {
                recent.Forget(id, events[index].Fingerprint);
            }
        }

        return uses;
    }

    /// <summary>Notes what became of an event that was sent.</summary>
    public void Settle(RequestEvent sent, DeliveryOutcome outcome)
    {
        if (!sent.HasOwnId)
        {
            return;
        }

        if (outcome.IsAcknowledged)
        {
            recent.Acknowledge(sent.Id, sent.Source, sent.Fingerprint, new(outcome.Key, outcome.Partition, outcome.Offset));
        }
        else
        {
            recent.Forget(sent.Id, sent.Fingerprint);
        }
    }
}
