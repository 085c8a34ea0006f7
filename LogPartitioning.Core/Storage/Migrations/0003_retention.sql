-- compatible_from 2
-- How old events and ids go. The services call the functions, and own no table: what may be dropped is a day that is over, and nothing else.

-- Which ids were stored when, without a look at each. It costs next to nothing where ids are stored.
CREATE INDEX log_event_ids_stored_idx ON log_event_ids USING brin (stored_on);

-- The last runs, newest last; the services keep 100.
--   settings  what the run went by, in words
--   error     why it did not get to its end
CREATE TABLE retention_runs (
  id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  started_at timestamptz NOT NULL,
  ended_at   timestamptz NOT NULL,
  run_by     text        NOT NULL,
  settings   text        NOT NULL,
  days       integer     NOT NULL,
  events     bigint      NOT NULL,
  ids        bigint      NOT NULL,
  bytes      bigint      NOT NULL,
  error      text
);

-- Drops the events and the counts of a day, whatever their number. Its ids stay: they are kept by when they were stored.
CREATE FUNCTION drop_log_day(day date, OUT events bigint, OUT bytes bigint) LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  suffix text := to_char(day, '_YYYYMMDD');
  child  text;
BEGIN
  -- The names of partitions have no era: a day before ours has the name of one that may not be over.
  IF day IS NULL OR day < '0001-01-01' OR day >= (now() AT TIME ZONE 'UTC')::date THEN
    RAISE EXCEPTION 'the day % is not one that is over', day USING ERRCODE = 'invalid_parameter_value';
  END IF;
  events := 0;
  bytes := 0;
  -- The one of make_log_day: what is dropped is not made meanwhile.
  PERFORM pg_advisory_xact_lock(7814995437220655220);
  -- Before anybody has to wait.
  IF to_regclass('log_counts' || suffix) IS NOT NULL THEN
    EXECUTE format('SELECT coalesce(sum(events), 0) FROM %I', 'log_counts' || suffix) INTO events;
  END IF;
  -- In the order in which a batch comes to them.
  FOREACH child IN ARRAY ARRAY['log_events' || suffix, 'log_counts' || suffix] LOOP
    CONTINUE WHEN to_regclass(child) IS NULL;
    bytes := bytes + pg_total_relation_size(to_regclass(child));
    EXECUTE format('DROP TABLE %I', child);
  END LOOP;
END
$$;

-- Drops the ids that name a day, where none of them was stored on stored_before or later; else nothing.
CREATE FUNCTION drop_log_ids(day date, stored_before date, OUT ids bigint, OUT bytes bigint) LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  child text := 'log_event_ids' || to_char(day, '_YYYYMMDD');
  kept  boolean;
BEGIN
  IF stored_before IS NULL OR stored_before > (now() AT TIME ZONE 'UTC')::date THEN
    RAISE EXCEPTION 'ids stored on % or later may not go: that day is not over', stored_before USING ERRCODE = 'invalid_parameter_value';
  END IF;
  ids := 0;
  bytes := 0;
  PERFORM pg_advisory_xact_lock(7814995437220655220);
  IF to_regclass(child) IS NULL THEN
    RETURN;
  END IF;
  EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE stored_on >= %L)', child, stored_before) INTO kept;
  IF kept THEN
    RETURN;
  END IF;
  SELECT greatest(reltuples, 0) INTO ids FROM pg_class WHERE oid = to_regclass(child);
  IF ids = 0 THEN
    EXECUTE format('SELECT count(*) FROM %I', child) INTO ids;
  END IF;
  -- One that came meanwhile stays. The parent first, as whoever stores ids does.
  LOCK TABLE ONLY log_event_ids IN ACCESS EXCLUSIVE MODE;
  EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE stored_on >= %L)', child, stored_before) INTO kept;
  IF kept THEN
    ids := 0;
    RETURN;
  END IF;
  bytes := pg_total_relation_size(to_regclass(child));
  EXECUTE format('DROP TABLE %I', child);
END
$$;

-- Deletes ids that name no day, or one that was never made, by when they were stored: so many at a time.
CREATE FUNCTION delete_log_ids(stored_before date, most integer, OUT ids bigint, OUT bytes bigint) LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  child text;
  found bigint;
BEGIN
  IF stored_before IS NULL OR stored_before > (now() AT TIME ZONE 'UTC')::date THEN
    RAISE EXCEPTION 'ids stored on % or later may not go: that day is not over', stored_before USING ERRCODE = 'invalid_parameter_value';
  END IF;
  ids := 0;
  FOREACH child IN ARRAY ARRAY['log_event_ids_random', 'log_event_ids_other'] LOOP
    EXECUTE format('DELETE FROM %I WHERE ctid = ANY (ARRAY(SELECT ctid FROM %1$I WHERE stored_on < %L LIMIT %L))', child, stored_before, most - ids);
    GET DIAGNOSTICS found = ROW_COUNT;
    ids := ids + found;
  END LOOP;
  bytes := ids * 76;
END
$$;

-- Deletes events before a time, and takes them from the counts: so many at a time, of one level or of all (null), of a day or, where that is
-- null, of those beside the days. The room is used again, and not given back to the disk.
CREATE FUNCTION delete_log_events(day date, before timestamptz, only_level integer, most integer, OUT events bigint, OUT bytes bigint)
LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  suffix text := coalesce(to_char(day, '_YYYYMMDD'), '_other');
BEGIN
  IF before IS NULL OR before > date_trunc('day', now(), 'UTC') THEN
    RAISE EXCEPTION 'events before % may not go: that day is not over', before USING ERRCODE = 'invalid_parameter_value';
  END IF;
  events := 0;
  bytes := 0;
  IF to_regclass('log_events' || suffix) IS NULL THEN
    RETURN;
  END IF;
  EXECUTE format(
    'WITH gone AS (
       DELETE FROM %I WHERE ctid = ANY (ARRAY(SELECT ctid FROM %1$I WHERE timestamp < %L AND %s LIMIT %L))
       RETURNING timestamp, partition, level,
         64 + pg_column_size(source) + pg_column_size(key) + pg_column_size(message) + coalesce(pg_column_size(attributes), 0) AS size),
     counted AS (
       SELECT date_trunc(''minute'', timestamp, ''UTC'') AS minute, partition, level, count(*) AS events, sum(size) AS bytes FROM gone GROUP BY 1, 2, 3),
     taken AS (
       UPDATE %I AS c SET events = c.events - counted.events FROM counted
       WHERE (c.minute, c.partition, c.level) = (counted.minute, counted.partition, counted.level))
     SELECT coalesce(sum(events), 0), coalesce(sum(bytes), 0) FROM counted',
    'log_events' || suffix, before, CASE WHEN only_level IS NULL THEN 'true' ELSE format('level = %L', only_level) END, most, 'log_counts' || suffix)
  INTO events, bytes;
  IF events < most THEN
    EXECUTE format('DELETE FROM %I WHERE minute < %L AND events <= 0', 'log_counts' || suffix, before);
  END IF;
END
$$;

-- The rights of the owner are lent for what stands there alone: names are looked up in this schema. Whoever waits for a lock gives up
-- before others pile up behind.
DO $$
DECLARE
  called text;
BEGIN
  FOREACH called IN ARRAY ARRAY[
    'drop_log_day(date)', 'drop_log_ids(date, date)', 'delete_log_ids(date, integer)', 'delete_log_events(date, timestamptz, integer, integer)'
  ] LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', called);
    EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', called, current_schema());
    EXECUTE format('ALTER FUNCTION %s SET lock_timeout = %L', called, '2s');
  END LOOP;
END
$$;
