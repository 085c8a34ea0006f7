-- A page as the gateway read it before events lay by days. "and the filter" is where the conditions go, with $6 and so on.
--   $1, $2, $3  the cursor: partitions, logs, offsets
--   $4, $5      one more than the events of a page, and its bytes at most
WITH RECURSIVE partitions (partition) AS (
  (SELECT partition FROM log_events ORDER BY partition LIMIT 1)
  UNION ALL
  SELECT (SELECT e.partition FROM log_events e WHERE e.partition > p.partition ORDER BY e.partition LIMIT 1)
  FROM partitions p WHERE p.partition IS NOT NULL),
found AS (
  SELECT p.partition, e.log, e."offset", e.stored_bytes,
         max(e.timestamp) OVER (PARTITION BY p.partition ORDER BY e.log, e."offset") AS turn
  FROM partitions p
  LEFT JOIN unnest($1, $2, $3) AS cursor (partition, log, last) USING (partition)
  CROSS JOIN LATERAL (
    SELECT log, "offset", timestamp, octet_length(message) + least(coalesce(pg_column_size(attributes), 0), $5) AS stored_bytes FROM log_events
    WHERE partition = p.partition AND (log, "offset") > (coalesce(cursor.log, 0), coalesce(cursor.last, -1))/* and the filter */
    ORDER BY log, "offset" LIMIT $4) AS e
  WHERE p.partition IS NOT NULL),
merged AS (
  SELECT partition, log, "offset", row_number() OVER page AS place, sum(stored_bytes) OVER page AS stored_up_to
  FROM (SELECT * FROM found ORDER BY turn, partition, log, "offset" LIMIT $4) AS first
  WINDOW page AS (ORDER BY turn, partition, log, "offset")),
sized AS (
  SELECT e.*, m.place, 256 + octet_length(source) + octet_length(key) + octet_length(message) + coalesce(octet_length(attributes::text), 0) AS bytes,
         (SELECT count(*) FROM merged) AS found
  FROM merged m JOIN log_events e USING (partition, log, "offset")
  WHERE m.place < $4 AND (m.stored_up_to <= $5 OR m.place = 1))
SELECT partition, "offset", id, source, key, level, message, timestamp, attributes, stored_at, log, bytes, found
FROM (SELECT *, sum(bytes) OVER (ORDER BY place) AS up_to FROM sized) AS page
WHERE up_to <= $5 OR place = 1
ORDER BY place
