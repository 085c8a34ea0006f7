-- compatible_from 2
-- The functions that lend the owner's rights reach the partitions of the store and nothing else: a table that only has the name of one (a
-- day that an operator detached, somebody's temporary table) is left alone. And they do the same whatever the session has set.

-- A partition of a table of the store, as its name is written in a statement; null where it has none of that name. Who asks, asks with
-- rights of his own.
CREATE FUNCTION log_partition(parent text, suffix text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT format('%I.%I', place.nspname, child.relname)
  FROM pg_catalog.pg_class AS store
  JOIN pg_catalog.pg_inherits ON inhparent = store.oid AND NOT inhdetachpending
  JOIN pg_catalog.pg_class AS child ON child.oid = inhrelid
  JOIN pg_catalog.pg_namespace AS place ON place.oid = child.relnamespace
  WHERE store.relnamespace = current_schema()::regnamespace AND store.relname = parent AND child.relname = parent || suffix
  ORDER BY child.relnamespace <> store.relnamespace LIMIT 1
$$;

-- The day that an id names. Not the last one of the year 9999: a program's last day is written as infinity, and no partition is made for it.
CREATE OR REPLACE FUNCTION log_id_day(id uuid) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN substr(id::text, 15, 1) = '7' AND substr(id::text, 20, 1) IN ('8', '9', 'a', 'b') AND ms < 253402214400000
    THEN '1970-01-01'::date + (ms / 86400000)::integer ELSE '-infinity' END
  FROM (SELECT ('x' || substr(id::text, 1, 8) || substr(id::text, 10, 4))::bit(48)::bigint AS ms) AS time
$$;

-- Ids of that day go where they are looked for now.
WITH moved AS (DELETE FROM log_event_ids WHERE day >= '9999-12-31' RETURNING *)
INSERT INTO log_event_ids (id, timestamp, "offset", day, stored_on, partition, log)
SELECT id, timestamp, "offset", '-infinity', stored_on, partition, log FROM moved ON CONFLICT DO NOTHING;

-- Makes the partitions of a day where they are missing; false where they are there. What lies in the other partition meanwhile moves
-- to its day. The services call it, and own no table.
CREATE OR REPLACE FUNCTION make_log_day(day date) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  made  boolean := false;
  first timestamptz := day::timestamp AT TIME ZONE 'UTC';
  last  timestamptz := (day + 1)::timestamp AT TIME ZONE 'UTC';
  name  text;
  child text;
  part  record;
BEGIN
  IF day NOT BETWEEN '0001-01-01' AND '9999-12-30' THEN
    RAISE EXCEPTION 'no partition is made for the day %', day USING ERRCODE = 'invalid_parameter_value';
  END IF;
  -- One at a time: two that make the same day would fail on each other.
  PERFORM pg_advisory_xact_lock(7814995437220655220);
  -- In the order in which a batch comes to them, so that neither waits for what the other has.
  FOR part IN SELECT *, format('%I.%I', current_schema(), parent) AS store FROM (VALUES
    ('log_event_ids', 'INCLUDING DEFAULTS, PRIMARY KEY (id)', '', format('day = %L', day), format('IN (%L)', day)),
    ('log_events', 'INCLUDING DEFAULTS', '', format('timestamp >= %L AND timestamp < %L', first, last), format('FROM (%L) TO (%L)', first, last)),
    ('log_counts', 'INCLUDING DEFAULTS', 'WITH (fillfactor = 50)', format('minute >= %L AND minute < %L', first, last), format('FROM (%L) TO (%L)', first, last))
  ) AS part (parent, likewise, storage, rows, bounds) LOOP
    CONTINUE WHEN log_partition(part.parent, to_char(day, '_YYYYMMDD')) IS NOT NULL;
    name := part.parent || to_char(day, '_YYYYMMDD');
    IF EXISTS (SELECT FROM pg_catalog.pg_class WHERE relnamespace = current_schema()::regnamespace AND relname = name) THEN
      RAISE EXCEPTION 'the day % is not made: % is there, and is no partition of %', day, name, part.parent USING
        ERRCODE = 'duplicate_table',
        HINT = format('A day that was detached stays as it is, and what comes for it goes to %s_other. Rename the table, or attach it again, for the day to be made.', part.parent);
    END IF;
    child := format('%I.%I', current_schema(), name);
    EXECUTE format('CREATE TABLE %s (LIKE %s %s) %s', child, part.store, part.likewise, part.storage);
    EXECUTE format('LOCK TABLE %s_other IN ACCESS EXCLUSIVE MODE', part.store);
    EXECUTE format('WITH moved AS (DELETE FROM %s_other WHERE %s RETURNING *) INSERT INTO %s SELECT * FROM moved', part.store, part.rows, child);
    -- Attached, not made as a partition at once: that would lock out everybody who reads or writes any day.
    EXECUTE format('ALTER TABLE %s ATTACH PARTITION %s FOR VALUES %s', part.store, child, part.bounds);
    made := true;
  END LOOP;
  RETURN made;
END
$$;

-- Drops the events and the counts of a day, whatever their number. Its ids stay: they are kept by when they were stored.
CREATE OR REPLACE FUNCTION drop_log_day(day date, OUT events bigint, OUT bytes bigint) LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  suffix text := to_char(day, '_YYYYMMDD');
  parent text;
  child  text;
BEGIN
  -- The names of partitions have no era: a day before ours has the name of one that may not be over.
  IF day IS NULL OR day < '0001-01-01' OR day >= (now() AT TIME ZONE 'UTC')::date THEN
    RAISE EXCEPTION 'the day % is not one that is over', day USING ERRCODE = 'invalid_parameter_value';
  END IF;
  -- What is looked up after a wait has to be what is there then.
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'a day is dropped at the isolation level read committed alone; this is %', current_setting('transaction_isolation')
      USING ERRCODE = 'invalid_transaction_state';
  END IF;
  events := 0;
  bytes := 0;
  -- The one of make_log_day: what is dropped is not made meanwhile.
  PERFORM pg_advisory_xact_lock(7814995437220655220);
  -- Before anybody has to wait. The counts of a day that was detached are no events that go.
  child := log_partition('log_counts', suffix);
  IF child IS NOT NULL AND log_partition('log_events', suffix) IS NOT NULL THEN
    EXECUTE format('SELECT coalesce(sum(events), 0) FROM %s', child) INTO events;
  END IF;
  -- In the order in which a batch comes to them.
  FOREACH parent IN ARRAY ARRAY['log_events', 'log_counts'] LOOP
    CONTINUE WHEN log_partition(parent, suffix) IS NULL;
    -- What an operator detaches meanwhile stays.
    EXECUTE format('LOCK TABLE ONLY %I.%I IN ACCESS EXCLUSIVE MODE', current_schema(), parent);
    child := log_partition(parent, suffix);
    IF child IS NULL THEN
      events := CASE WHEN parent = 'log_events' THEN 0 ELSE events END;
      CONTINUE;
    END IF;
    bytes := bytes + pg_total_relation_size(child::regclass);
    EXECUTE format('DROP TABLE %s', child);
  END LOOP;
END
$$;

-- Drops the ids that name a day, where none of them was stored on stored_before or later; else nothing.
CREATE OR REPLACE FUNCTION drop_log_ids(day date, stored_before date, OUT ids bigint, OUT bytes bigint) LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  suffix text := to_char(day, '_YYYYMMDD');
  child  text;
  kept   boolean;
BEGIN
  IF stored_before IS NULL OR stored_before > (now() AT TIME ZONE 'UTC')::date THEN
    RAISE EXCEPTION 'ids stored on % or later may not go: that day is not over', stored_before USING ERRCODE = 'invalid_parameter_value';
  END IF;
  -- At another level the second look sees what the first one saw, and ids that came between them would go.
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'ids are dropped at the isolation level read committed alone; this is %', current_setting('transaction_isolation')
      USING ERRCODE = 'invalid_transaction_state';
  END IF;
  ids := 0;
  bytes := 0;
  -- The names of partitions have no era, as in drop_log_day.
  IF day IS NULL OR day < '0001-01-01' THEN
    RETURN;
  END IF;
  PERFORM pg_advisory_xact_lock(7814995437220655220);
  child := log_partition('log_event_ids', suffix);
  IF child IS NULL THEN
    RETURN;
  END IF;
  EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE stored_on >= %L)', child, stored_before) INTO kept;
  IF kept THEN
    RETURN;
  END IF;
  SELECT greatest(reltuples, 0) INTO ids FROM pg_catalog.pg_class WHERE oid = child::regclass;
  IF ids = 0 THEN
    EXECUTE format('SELECT count(*) FROM %s', child) INTO ids;
  END IF;
  -- One that came meanwhile stays, and so does what was detached. The parent first, as whoever stores ids does.
  EXECUTE format('LOCK TABLE ONLY %I.log_event_ids IN ACCESS EXCLUSIVE MODE', current_schema());
  child := log_partition('log_event_ids', suffix);
  IF child IS NOT NULL THEN
    EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE stored_on >= %L)', child, stored_before) INTO kept;
  END IF;
  IF kept OR child IS NULL THEN
    ids := 0;
    RETURN;
  END IF;
  bytes := pg_total_relation_size(child::regclass);
  EXECUTE format('DROP TABLE %s', child);
END
$$;

-- Deletes ids that name no day, or one that was never made, by when they were stored: so many at a time.
CREATE OR REPLACE FUNCTION delete_log_ids(stored_before date, most integer, OUT ids bigint, OUT bytes bigint) LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  suffix text;
  found  bigint;
BEGIN
  IF stored_before IS NULL OR stored_before > (now() AT TIME ZONE 'UTC')::date THEN
    RAISE EXCEPTION 'ids stored on % or later may not go: that day is not over', stored_before USING ERRCODE = 'invalid_parameter_value';
  END IF;
  ids := 0;
  FOREACH suffix IN ARRAY ARRAY['_random', '_other'] LOOP
    CONTINUE WHEN log_partition('log_event_ids', suffix) IS NULL;
    EXECUTE format('DELETE FROM %s WHERE ctid = ANY (ARRAY(SELECT ctid FROM %1$s WHERE stored_on < %L LIMIT %L))', log_partition('log_event_ids', suffix), stored_before, most - ids);
    GET DIAGNOSTICS found = ROW_COUNT;
    ids := ids + found;
  END LOOP;
  bytes := ids * 76;
END
$$;

-- Deletes events before a time, and takes them from the counts: so many at a time, of one level or of all (null), of a day or, where that is
-- null, of those beside the days. The room is used again, and not given back to the disk.
CREATE OR REPLACE FUNCTION delete_log_events(day date, before timestamptz, only_level integer, most integer, OUT events bigint, OUT bytes bigint)
LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  suffix  text := coalesce(to_char(day, '_YYYYMMDD'), '_other');
  rows    text;
  counts  text;
  chosen  text := CASE WHEN only_level IS NULL THEN 'true' ELSE format('level = %L', only_level) END;
BEGIN
  IF before IS NULL OR before > date_trunc('day', now(), 'UTC') THEN
    RAISE EXCEPTION 'events before % may not go: that day is not over', before USING ERRCODE = 'invalid_parameter_value';
  END IF;
  events := 0;
  bytes := 0;
  rows := log_partition('log_events', suffix);
  IF rows IS NULL THEN
    RETURN;
  END IF;
  -- Events and their counts lie apart where an operator detached the one or the other of a day.
  counts := coalesce(log_partition('log_counts', suffix), log_partition('log_counts', '_other'));
  IF day IS NULL AND EXISTS (
    SELECT FROM pg_catalog.pg_inherits JOIN pg_catalog.pg_class AS child ON child.oid = inhrelid
    WHERE inhparent = format('%I.log_counts', current_schema())::regclass AND log_partition('log_events', substr(child.relname, 11)) IS NULL)
  THEN
    counts := format('%I.log_counts', current_schema());
  END IF;
  EXECUTE format(
    'WITH gone AS (
       DELETE FROM %s WHERE ctid = ANY (ARRAY(SELECT ctid FROM %1$s WHERE timestamp < %L AND %s LIMIT %L))
       RETURNING timestamp, partition, level,
         64 + pg_column_size(source) + pg_column_size(key) + pg_column_size(message) + coalesce(pg_column_size(attributes), 0) AS size),
     counted AS (
       SELECT date_trunc(''minute'', timestamp, ''UTC'') AS minute, partition, level, count(*) AS events, sum(size) AS bytes FROM gone GROUP BY 1, 2, 3),
     taken AS (
       UPDATE %s AS c SET events = c.events - counted.events FROM counted
       WHERE (c.minute, c.partition, c.level) = (counted.minute, counted.partition, counted.level))
     SELECT coalesce(sum(events), 0), coalesce(sum(bytes), 0) FROM counted',
    rows, before, chosen, most, counts)
  INTO events, bytes;
  IF events < most THEN
    -- The first minute of the year 1 was counted at -infinity, where no event that goes is looked for.
    EXECUTE format('DELETE FROM %s WHERE minute < %L AND (events <= 0 OR minute = ''-infinity'' AND %s)', counts, before, chosen);
  END IF;
END
$$;

-- The rights of the owner are lent for what stands there alone: names are looked up in this schema, and days are those of UTC, whatever the
-- session has set. Whoever waits for a lock gives up before others pile up behind; who drops locks out everybody, and gives up soon.
DO $$
DECLARE
  called  text;
  patience text;
BEGIN
  FOR called, patience IN VALUES
    ('make_log_day(date)', '2s'),
    ('drop_log_day(date)', '200ms'),
    ('drop_log_ids(date, date)', '200ms'),
    ('delete_log_ids(date, integer)', '2s'),
    ('delete_log_events(date, timestamptz, integer, integer)', '2s')
  LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', called);
    EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', called, current_schema());
    EXECUTE format('ALTER FUNCTION %s SET lock_timeout = %L', called, patience);
    EXECUTE format('ALTER FUNCTION %s SET datestyle = ''ISO, YMD''', called);
    EXECUTE format('ALTER FUNCTION %s SET timezone = ''UTC''', called);
  END LOOP;
END
$$;
