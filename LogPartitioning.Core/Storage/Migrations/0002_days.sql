-- compatible_from 2
-- Events by days, so that a window of time is looked for where it is, and an old day goes in an instant. Rows that are there move
-- along: about eleven seconds for a million, during which nothing is stored, with room on the disk for a second copy.

-- A program of version 1 that still runs would store events without their ids. It knows this column by its old name, and can neither
-- claim a partition nor write.
ALTER TABLE consumer_offsets RENAME COLUMN last_batch_at TO last_stored_at;

--   last_offset, last_id  the offset and the event's id of the last record that was read into a batch: what proves, on brokers without ids
--                         of topics, that a log is the one that was read
ALTER TABLE consumer_offsets ADD COLUMN last_offset bigint, ADD COLUMN last_id uuid;
UPDATE consumer_offsets o SET last_offset = last."offset", last_id = last.id
FROM consumer_offsets c CROSS JOIN LATERAL (
  SELECT e."offset", e.id FROM log_events e
  WHERE e.partition = c.partition AND e.log = c.log AND e."offset" < c.next_offset ORDER BY e."offset" DESC LIMIT 1) AS last
WHERE (o.group_id, o.topic, o.partition) = (c.group_id, c.topic, c.partition);

ALTER TABLE log_events RENAME TO log_events_before;
ALTER TABLE log_events_before DROP CONSTRAINT log_events_pkey, DROP CONSTRAINT log_events_id_key;
DROP INDEX log_events_source_idx;
DROP INDEX log_events_timestamp_idx;

-- One row per event. A day by UTC is a partition, log_events_20261127; log_events_other has what lies beyond the days that are made.
-- The primary key is the order of reading, and the place where the brokers hold the record.
--   log  counts the logs that a partition has had: a topic that is created again starts another one, with the same offsets
-- The columns stand in the order in which they take no room between them.
CREATE TABLE log_events (
  id          uuid        NOT NULL,
  timestamp   timestamptz NOT NULL,
  "offset"    bigint      NOT NULL,
  stored_at   timestamptz NOT NULL DEFAULT now(),
  partition   integer     NOT NULL,
  log         smallint    NOT NULL DEFAULT 1,
  level       smallint    NOT NULL,
  source      text        NOT NULL,
  key         text        NOT NULL,
  message     text        NOT NULL,
  attributes  jsonb,
  CONSTRAINT log_events_pkey PRIMARY KEY (timestamp, partition, log, "offset")
) PARTITION BY RANGE (timestamp);
-- A source's events, as they are read.
CREATE INDEX log_events_source_idx ON log_events (source, timestamp, partition, log, "offset");
-- Errors are few, and looked for among many others: the index is as small as they are few.
CREATE INDEX log_events_error_idx ON log_events (timestamp, partition, log, "offset") WHERE level >= 4;
-- When a batch was stored is asked for by replays alone; a block range index costs next to nothing.
CREATE INDEX log_events_stored_idx ON log_events USING brin (stored_at);
CREATE TABLE log_events_other PARTITION OF log_events DEFAULT;

-- The id of each event, and where it is. A unique key of log_events would hold within a day alone, and an id is one event's, whenever it
-- comes again.
--   day        the day that the id itself names, where it is a UUIDv7; else '-infinity'. It follows from the id, so an id is always looked
--              for in the same partition, whose primary key is the id alone
--   stored_on  by which ids go that name no day
-- A day is a partition, log_event_ids_20261127; ids of other days that were never made are in log_event_ids_other.
CREATE TABLE log_event_ids (
  id          uuid        NOT NULL,
  timestamp   timestamptz NOT NULL,
  "offset"    bigint      NOT NULL,
  day         date        NOT NULL,
  stored_on   date        NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'),
  partition   integer     NOT NULL,
  log         smallint    NOT NULL
) PARTITION BY LIST (day);
CREATE TABLE log_event_ids_random PARTITION OF log_event_ids (PRIMARY KEY (id)) FOR VALUES IN ('-infinity');
CREATE TABLE log_event_ids_other PARTITION OF log_event_ids (PRIMARY KEY (id)) DEFAULT;

-- How many events there are of a minute, by partition and level, kept in the transaction that stores them. A partition has one writer, so
-- nobody waits for a row of this.
CREATE TABLE log_counts (
  minute    timestamptz NOT NULL,
  events    bigint      NOT NULL,
  partition integer     NOT NULL,
  level     smallint    NOT NULL,
  CONSTRAINT log_counts_pkey PRIMARY KEY (minute, partition, level)
) PARTITION BY RANGE (minute);
CREATE TABLE log_counts_other PARTITION OF log_counts DEFAULT WITH (fillfactor = 50); -- updated again and again: room for updates within the page

-- The day that an id names.
CREATE FUNCTION log_id_day(id uuid) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN substr(id::text, 15, 1) = '7' AND substr(id::text, 20, 1) IN ('8', '9', 'a', 'b') AND ms < 253402300800000
    THEN '1970-01-01'::date + (ms / 86400000)::integer ELSE '-infinity' END
  FROM (SELECT ('x' || substr(id::text, 1, 8) || substr(id::text, 10, 4))::bit(48)::bigint AS ms) AS time
$$;

-- Makes the partitions of a day where they are missing; false where they are there. What lies in the other partition meanwhile moves
-- to its day. The services call it, and own no table.
CREATE FUNCTION make_log_day(day date) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  made  boolean := false;
  first timestamptz := day::timestamp AT TIME ZONE 'UTC';
  last  timestamptz := (day + 1)::timestamp AT TIME ZONE 'UTC';
  child text;
  part  record;
BEGIN
  IF day NOT BETWEEN '0001-01-01' AND '9999-12-30' THEN
    RAISE EXCEPTION 'no partition is made for the day %', day USING ERRCODE = 'invalid_parameter_value';
  END IF;
  -- One at a time: two that make the same day would fail on each other.
  PERFORM pg_advisory_xact_lock(7814995437220655220);
  -- In the order in which a batch comes to them, so that neither waits for what the other has.
  FOR part IN SELECT * FROM (VALUES
    ('log_event_ids', 'INCLUDING DEFAULTS, PRIMARY KEY (id)', '', format('day = %L', day), format('IN (%L)', day)),
    ('log_events', 'INCLUDING DEFAULTS', '', format('timestamp >= %L AND timestamp < %L', first, last), format('FROM (%L) TO (%L)', first, last)),
    ('log_counts', 'INCLUDING DEFAULTS', 'WITH (fillfactor = 50)', format('minute >= %L AND minute < %L', first, last), format('FROM (%L) TO (%L)', first, last))
  ) AS part (parent, likewise, storage, rows, bounds) LOOP
    child := part.parent || to_char(day, '_YYYYMMDD');
    CONTINUE WHEN to_regclass(child) IS NOT NULL;
    EXECUTE format('CREATE TABLE %s (LIKE %s %s) %s', child, part.parent, part.likewise, part.storage);
    EXECUTE format('LOCK TABLE %s_other IN ACCESS EXCLUSIVE MODE', part.parent);
    EXECUTE format('WITH moved AS (DELETE FROM %s_other WHERE %s RETURNING *) INSERT INTO %s SELECT * FROM moved', part.parent, part.rows, child);
    -- Attached, not made as a partition at once: that would lock out everybody who reads or writes any day.
    EXECUTE format('ALTER TABLE %s ATTACH PARTITION %s FOR VALUES %s', part.parent, child, part.bounds);
    made := true;
  END LOOP;
  RETURN made;
END
$$;
REVOKE ALL ON FUNCTION make_log_day(date) FROM PUBLIC;
-- The rights of the owner are lent for what stands there alone: names are looked up in this schema. Whoever waits for a lock gives up
-- before others pile up behind.
DO $$
BEGIN
  EXECUTE format('ALTER FUNCTION make_log_day(date) SET search_path = %I, pg_temp', current_schema());
  ALTER FUNCTION make_log_day(date) SET lock_timeout = '2s';
END
$$;

-- What was stored before. Older than a year it goes where retention will look for it.
DO $$
BEGIN
  IF EXISTS (SELECT FROM log_events_before) THEN
    PERFORM make_log_day(old.day)
    FROM (SELECT DISTINCT (timestamp AT TIME ZONE 'UTC')::date AS day FROM log_events_before
          WHERE timestamp >= now() - interval '366 days' AND timestamp < now() + interval '3 days' ORDER BY 1) AS old;
    INSERT INTO log_events (id, timestamp, "offset", stored_at, partition, log, level, source, key, message, attributes)
    SELECT id, timestamp, "offset", stored_at, partition, log, level, source, key, message, attributes FROM log_events_before;
    INSERT INTO log_event_ids (id, timestamp, "offset", day, stored_on, partition, log)
    SELECT id, timestamp, "offset", log_id_day(id), (stored_at AT TIME ZONE 'UTC')::date, partition, log FROM log_events_before;
    INSERT INTO log_counts (minute, events, partition, level)
    SELECT date_trunc('minute', timestamp, 'UTC'), count(*), partition, level FROM log_events_before GROUP BY 1, 3, 4;
    ANALYZE log_events, log_event_ids, log_counts;
  END IF;
END
$$;
DROP TABLE log_events_before;
