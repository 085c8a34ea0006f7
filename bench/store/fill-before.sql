-- The events of "made" into the schema of before days.
INSERT INTO log_events (id, partition, "offset", source, key, level, message, timestamp, attributes, stored_at)
SELECT hex::uuid, partition, "offset", source, source, level, message, timestamp, attributes, stored_at FROM public.made ORDER BY "offset";
