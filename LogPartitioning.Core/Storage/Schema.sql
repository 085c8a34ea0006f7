-- The whole schema, safe to run again. LogStoreSchema runs it under an advisory lock.

-- One row per event, at the place where the brokers hold its record.
-- The primary key is the order of reading; the unique id is what stores a client's retry once.
CREATE TABLE IF NOT EXISTS log_events (
  id          uuid        NOT NULL,
  partition   integer     NOT NULL,
  "offset"    bigint      NOT NULL,
  source      text        NOT NULL,
  key         text        NOT NULL,
  level       smallint    NOT NULL,
  message     text        NOT NULL,
  timestamp   timestamptz NOT NULL,
  attributes  jsonb,
  stored_at   timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT log_events_pkey PRIMARY KEY (partition, "offset"),
  CONSTRAINT log_events_id_key UNIQUE (id)
);

-- CREATE INDEX IF NOT EXISTS locks out all writers before it looks: behind another transaction it would hold them all up.
DO $$
BEGIN
  -- A source's events, partition by partition in offset order: what a filtered read walks.
  IF to_regclass('log_events_source_idx') IS NULL THEN
    CREATE INDEX log_events_source_idx ON log_events (source, partition, "offset");
  END IF;
  -- Events arrive nearly in time order, so a block range index answers time windows at a fraction of a B-tree's cost.
  IF to_regclass('log_events_timestamp_idx') IS NULL THEN
    CREATE INDEX log_events_timestamp_idx ON log_events USING brin (timestamp);
  END IF;
END
$$;

-- Where the group stands, and who may move it: the truth that fences every write.
--   next_offset    the offset of the next record to store; all before it are stored or dead-lettered
--   epoch          raised by each claim; a write that carries an older one changes no row
--   last_batch_at  when the last batch was written, by the clock of the database
CREATE TABLE IF NOT EXISTS consumer_offsets (
  group_id      text        NOT NULL,
  topic         text        NOT NULL,
  partition     integer     NOT NULL,
  next_offset   bigint      NOT NULL CHECK (next_offset >= 0),
  owner         text        NOT NULL,
  epoch         bigint      NOT NULL,
  updated_at    timestamptz NOT NULL DEFAULT now(),
  last_batch_at timestamptz,
  PRIMARY KEY (group_id, topic, partition)
) WITH (fillfactor = 50); -- updated with every batch: room for updates within the page

-- Sources whose events are spread over several keys.
CREATE TABLE IF NOT EXISTS source_splits (
  source     text        PRIMARY KEY,
  keys       integer     NOT NULL CHECK (keys > 1),
  updated_at timestamptz NOT NULL DEFAULT now()
);

-- Dead letters that were sent through again: one row each, so that none goes twice.
CREATE TABLE IF NOT EXISTS dead_letter_replays (
  topic         text        NOT NULL,
  partition     integer     NOT NULL,
  "offset"      bigint      NOT NULL,
  state         text        NOT NULL,
  replayed_at   timestamptz NOT NULL DEFAULT now(),
  new_partition integer,
  new_offset    bigint,
  PRIMARY KEY (topic, partition, "offset")
);

-- Replays of history: asked for at the gateway, done by the consumer instance that holds the lease.
--   partition, start  what was asked for
--   progress          written in the transaction that stores the events. Not jsonb: a text in it may hold a NUL character
--   cancel            its end was asked for
CREATE TABLE IF NOT EXISTS replay_jobs (
  id          uuid        PRIMARY KEY,
  topic       text        NOT NULL,
  partition   text        NOT NULL,
  start       text        NOT NULL,
  state       text        NOT NULL,
  progress    json        NOT NULL,
  error       text,
  cancel      boolean     NOT NULL DEFAULT false,
  owner       text,
  lease_until timestamptz,
  started_at  timestamptz NOT NULL,
  ended_at    timestamptz
);

-- One at a time. (The table is small: creating the index holds nobody up.)
CREATE UNIQUE INDEX IF NOT EXISTS replay_jobs_running_idx ON replay_jobs (state) WHERE state = 'running';
