-- The whole schema, safe to run again. LogStoreSchema runs it under an advisory lock.

-- One row per event, at the place where the brokers hold its record.
-- The primary key is the order of reading; the unique id is what stores a client's retry once.
--   log  counts the logs that a partition has had: a topic that is created again starts another one, with the same offsets
CREATE TABLE IF NOT EXISTS log_events (
  id          uuid        NOT NULL,
  partition   integer     NOT NULL,
  log         smallint    NOT NULL DEFAULT 1, -- between two wider columns it takes no room of its own
  "offset"    bigint      NOT NULL,
  source      text        NOT NULL,
  key         text        NOT NULL,
  level       smallint    NOT NULL,
  message     text        NOT NULL,
  timestamp   timestamptz NOT NULL,
  attributes  jsonb,
  stored_at   timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT log_events_pkey PRIMARY KEY (partition, log, "offset"),
  CONSTRAINT log_events_id_key UNIQUE (id)
);

-- Tables that an earlier version made. Looked at first, since ALTER TABLE locks all others out even where it changes nothing.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'log_events'::regclass AND attname = 'log' AND NOT attisdropped) THEN
    ALTER TABLE log_events ADD COLUMN log smallint NOT NULL DEFAULT 1;
    ALTER TABLE log_events DROP CONSTRAINT log_events_pkey;
    ALTER TABLE log_events ADD CONSTRAINT log_events_pkey PRIMARY KEY (partition, log, "offset");
    DROP INDEX IF EXISTS log_events_source_idx;
  END IF;
END
$$;

-- CREATE INDEX IF NOT EXISTS locks out all writers before it looks: behind another transaction it would hold them all up.
DO $$
BEGIN
  -- A source's events, partition by partition in offset order: what a filtered read walks.
  IF to_regclass('log_events_source_idx') IS NULL THEN
    CREATE INDEX log_events_source_idx ON log_events (source, partition, log, "offset");
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
--   topic_id       the brokers' id of the topic that the position is of; null where they have none, or it is not known yet
--   log            which of the partition's logs the position is of; see log_events
--   halted         why nothing is read until an operator decides; null while it is read
--   passing_until  records before this offset are set aside, however many of them are refused: an operator said so
CREATE TABLE IF NOT EXISTS consumer_offsets (
  group_id      text        NOT NULL,
  topic         text        NOT NULL,
  partition     integer     NOT NULL,
  next_offset   bigint      NOT NULL CHECK (next_offset >= 0),
  owner         text        NOT NULL,
  epoch         bigint      NOT NULL,
  updated_at    timestamptz NOT NULL DEFAULT now(),
  last_batch_at timestamptz,
  topic_id      text,
  log           smallint    NOT NULL DEFAULT 1,
  halted        text,
  halted_detail text,
  halted_at     timestamptz,
  passing_until bigint      NOT NULL DEFAULT 0,
  PRIMARY KEY (group_id, topic, partition)
) WITH (fillfactor = 50); -- updated with every batch: room for updates within the page

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'consumer_offsets'::regclass AND attname = 'topic_id' AND NOT attisdropped) THEN
    ALTER TABLE consumer_offsets
      ADD COLUMN topic_id text,
      ADD COLUMN log smallint NOT NULL DEFAULT 1,
      ADD COLUMN halted text,
      ADD COLUMN halted_detail text,
      ADD COLUMN halted_at timestamptz,
      ADD COLUMN passing_until bigint NOT NULL DEFAULT 0;
  END IF;
END
$$;

-- Offsets that were passed without a record, and should have had one. Written in the transaction that moves the position past them.
--   cause  deleted: the brokers no longer had them. skipped: an operator set the position beyond them
CREATE TABLE IF NOT EXISTS log_gaps (
  group_id    text        NOT NULL,
  topic       text        NOT NULL,
  partition   integer     NOT NULL,
  log         smallint    NOT NULL,
  from_offset bigint      NOT NULL,
  to_offset   bigint      NOT NULL,
  cause       text        NOT NULL,
  noticed_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (group_id, topic, partition, log, from_offset)
);

-- Sources whose events are spread over several keys.
CREATE TABLE IF NOT EXISTS source_splits (
  source     text        PRIMARY KEY,
  keys       integer     NOT NULL CHECK (keys > 1),
  updated_at timestamptz NOT NULL DEFAULT now()
);

-- Dead letters that were sent through again: one row each, so that none goes twice.
--   topic_id  of the topic that the record was read from; '' where the brokers have none, or the letter is older than this column
CREATE TABLE IF NOT EXISTS dead_letter_replays (
  topic         text        NOT NULL,
  topic_id      text        NOT NULL DEFAULT '',
  partition     integer     NOT NULL,
  "offset"      bigint      NOT NULL,
  state         text        NOT NULL,
  replayed_at   timestamptz NOT NULL DEFAULT now(),
  new_partition integer,
  new_offset    bigint,
  PRIMARY KEY (topic, topic_id, partition, "offset")
);

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'dead_letter_replays'::regclass AND attname = 'topic_id' AND NOT attisdropped) THEN
    ALTER TABLE dead_letter_replays ADD COLUMN topic_id text NOT NULL DEFAULT '';
    ALTER TABLE dead_letter_replays DROP CONSTRAINT dead_letter_replays_pkey;
    ALTER TABLE dead_letter_replays ADD PRIMARY KEY (topic, topic_id, partition, "offset");
  END IF;
END
$$;

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
