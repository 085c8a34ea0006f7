-- The events of "made" into the present schema, with what a consumer writes beside them.
SELECT make_log_day(:'day') \g /dev/null
INSERT INTO log_event_ids (id, timestamp, "offset", day, stored_on, partition, log)
SELECT hex::uuid, timestamp, "offset", :'day', :'day', partition, 1 FROM public.made ORDER BY "offset";
INSERT INTO log_events (id, timestamp, "offset", stored_at, partition, level, source, key, message, attributes)
SELECT hex::uuid, timestamp, "offset", stored_at, partition, level, source, source, message, attributes FROM public.made ORDER BY "offset";
INSERT INTO log_counts (minute, events, partition, level)
SELECT date_trunc('minute', timestamp, 'UTC'), count(*), partition, level FROM public.made GROUP BY 1, 3, 4;
