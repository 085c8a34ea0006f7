#!/usr/bin/env bash
# A backlog from Kafka into PostgreSQL: one consumer instance beside shell pipes, rsyslog, Kafka Connect and Wolverine.
#   drain.sh FOLDER [EVENTS]   (1000000)
set -euo pipefail
source bench/servers.sh
source bench/measure.sh
source bench/services.sh
folder=$1 events=${2:-1000000} rounds=3 patience=60
peer=

finish() {
  [ -z "$peer" ] || kill "$peer" 2> /dev/null || true
  end_all
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

start_postgres "$folder/postgres" max_wal_size=4GB
start_kafka "$folder/kafka"
start_redis "$folder/redis"
bin=$(postgres_bin)
fill $topic "$events"

kinds=(consumer)
declare -A names=([consumer]='this system' [fair]='fair pipe' [raw]='raw pipe' [rsyslog]='rsyslog' [connect]='Kafka Connect' [wolverine]='Wolverine')
if command -v kcat > /dev/null; then kinds+=(fair raw); else say "without kcat there is no pipe to measure beside"; fi
modules=${RSYSLOG_MODDIR:-$(ls -d /usr/lib/*/rsyslog /usr/lib/rsyslog 2> /dev/null | head -n 1 || true)}
if command -v rsyslogd > /dev/null && [ -f "$modules/imkafka.so" ] && [ -f "$modules/ompgsql.so" ]; then
  kinds+=(rsyslog)
else
  say "without rsyslogd, imkafka and ompgsql there is no rsyslog to measure beside"
fi
if [ -x "${KAFKA_CONNECT_PEER:-}/drain" ]; then
  kinds+=(connect)
  fill $topic.schema "$events" schema
else
  say "KAFKA_CONNECT_PEER names no folder with a program drain: without Kafka Connect"
fi

if timeout 300 dotnet build bench/peers/wolverine -c Release -v q -nologo -clp:NoSummary > "$folder/wolverine.log" 2>&1; then
  kinds+=(wolverine)
else
  why=$(grep -om 1 'error [^[]*' "$folder/wolverine.log" || true)
  say "without Wolverine, which does not build: ${why:-it took longer than 5 minutes}"
fi

# A database with the tables, and the partition of today and yesterday, in which the events are.
make_database() {
  sql postgres -c "CREATE DATABASE $1"
  for migration in LogPartitioning.Core/Storage/Migrations/*.sql; do sql "$1" -1 -f "$migration" > /dev/null 2>&1; done
  sql "$1" -c "SELECT make_log_day(current_date - n) FROM generate_series(0, 1) AS n" -c CHECKPOINT > /dev/null
}

# Each run_KIND DATABASE sets what run_consumers does; cpu and memory are empty where they are not known.
run_consumer() { run_consumers "$1" 1; }

read_topic() { kcat -C -b "$kafka_servers" -t $topic -o beginning -e -q -f '%p\x02%o\x02%k\x02%s\n'; }
# A hundred thousand rows at a time, into a table on their way to where they belong.
cat > "$folder/fair.sql" <<'SQL'
\copy staged FROM pstdin WITH (FORMAT csv, DELIMITER E'\x02', QUOTE E'\x01')
BEGIN;
WITH e AS MATERIALIZED (
  SELECT (value->>'id')::uuid AS id, (value->>'timestamp')::timestamptz AS timestamp, "offset", partition,
    array_position(ARRAY['Trace', 'Debug', 'Information', 'Warning', 'Error', 'Critical'], value->>'level') - 1 AS level, value->>'source' AS source, key, value->>'message' AS message, value->'attributes' AS attributes
  FROM staged),
ids AS (INSERT INTO log_event_ids (id, timestamp, "offset", day, partition, log) SELECT id, timestamp, "offset", '-infinity', partition, 1 FROM e ON CONFLICT DO NOTHING),
counts AS (
  INSERT INTO log_counts AS c (minute, partition, level, events) SELECT date_trunc('minute', timestamp), partition, level, count(*) FROM e GROUP BY 1, 2, 3
  ON CONFLICT (minute, partition, level) DO UPDATE SET events = c.events + excluded.events)
INSERT INTO log_events (id, timestamp, "offset", partition, log, level, source, key, message, attributes)
SELECT id, timestamp, "offset", partition, 1, level, source, key, message, attributes FROM e ON CONFLICT DO NOTHING;
TRUNCATE staged;
COMMIT;
SQL
fair_pipe() {
  export pipe_psql="$bin/psql -h 127.0.0.1 -p $postgres_port -U postgres -Xq -v ON_ERROR_STOP=1 -d $1 -f $folder/fair.sql"
  read_topic | split -l 100000 --filter='$pipe_psql' -
}
raw_pipe() { read_topic | sql "$1" -c "COPY staged FROM STDIN WITH (FORMAT csv, DELIMITER E'\x02', QUOTE E'\x01')"; }
run_pipe() {
  local server_before
  server_before=$(cpu_of_postgres)
  measure "$1_pipe" "$2"
  took=$elapsed cpu=$used server_cpu=$(($(cpu_of_postgres) - server_before)) memory=
  stored=$(sql "$2" -c "SELECT count(*) FROM $3")
  [ "$stored" = "$events" ] || { say "the $1 pipe has stored $stored of $events events" && return 1; }
}
run_fair() {
  make_database "$1"
  sql "$1" -c 'CREATE UNLOGGED TABLE staged (partition integer, "offset" bigint, key text, value jsonb)'
  run_pipe fair "$1" log_events
}
run_raw() {
  sql postgres -c "CREATE DATABASE $1"
  sql "$1" -c 'CREATE TABLE staged (partition integer, "offset" bigint, key text, value jsonb, PRIMARY KEY (partition, "offset"))'
  run_pipe raw "$1" staged
}

# A program that stores until all is there: watch DATABASE NAME STORED_SQL COUNT_SQL [SECONDS], where $peer is the process to look at. From its first
# rows on, too. One that is given SECONDS may end without all, and its figures are of what it has stored by then.
watch() {
  local began='' ended stored_before cpu_before server_before last all deadline
  deadline=$(($(now) + 600 * 1000000000))
  while [ "$(now)" -lt "$deadline" ]; do
    stored=$(sql "$1" -c "$3" 2> /dev/null || echo 0)
    last=$(cpu_of "$peer") memory=$(peak_of "$peer")
    if [ -z "$began" ] && [ "$stored" -gt 0 ]; then
      began=$(now) stored_before=$stored cpu_before=$last server_before=$(cpu_of_postgres)
      [ -z "${5:-}" ] || deadline=$((began + $5 * 1000000000))
    fi
    [ "$stored" -lt "$events" ] || break
    kill -0 "$peer" 2> /dev/null || { say "$2 ended with $stored of $events events stored" && tail -n 20 "$folder/peer.log" >&2 && return 1; }
    sleep 0.25
  done
  ended=$(now) all=$stored
  [ "$stored" -ge "$events" ] || { [ -n "$began" ] && [ -n "${5:-}" ]; } || { say "$2 has stored $stored of $events events after ten minutes" && tail -n 20 "$folder/peer.log" >&2 && return 1; }
  took=$(((ended - began) / 1000000)) stored=$((stored - stored_before)) cpu=$((last - cpu_before)) server_cpu=$(($(cpu_of_postgres) - server_before))
  [ "$stored" -gt 0 ] || { say "too few events: $2 has stored all between two looks" && return 1; }
  if [ "$all" -lt "$events" ]; then
    say "$2 has stored $all of $events events within $5 s"
  else
    [ "$(sql "$1" -c "$4")" = "$events" ] || { say "$2 has not stored every event once" && return 1; }
  fi
}

run_rsyslog() {
  sql postgres -c "CREATE DATABASE $1"
  sql "$1" -c 'CREATE TABLE stored (number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, value jsonb)'
  cat > "$folder/rsyslog.conf" <<CONF
global(workDirectory="$folder" maxMessageSize="64k")
module(load="imkafka")
module(load="ompgsql")
template(name="insert" type="string" option.stdsql="on" string="INSERT INTO stored (value) VALUES ('%rawmsg%')")
input(type="imkafka" topic="$topic" broker=["${kafka_servers//,/\",\"}"] consumergroup="$1" ruleset="store" confParam=["auto.offset.reset=earliest"])
ruleset(name="store" queue.type="linkedList" queue.size="100000" queue.dequeueBatchSize="1000" queue.workerThreads="2" queue.timeoutEnqueue="60000") {
  action(type="ompgsql" conninfo="postgresql://postgres@127.0.0.1:$postgres_port/$1" template="insert")
}
CONF
  rsyslogd -n -f "$folder/rsyslog.conf" -i "$folder/rsyslog.pid" > "$folder/peer.log" 2>&1 &
  peer=$!
  watch "$1" rsyslog 'SELECT coalesce(max(number), 0) FROM stored' 'SELECT count(*) FROM stored'
  end_service "$peer"
  wait "$peer" 2> /dev/null || true
  peer=
}

run_connect() {
  local runner
  sql postgres -c "CREATE DATABASE $1"
  KAFKA_HOME=$kafka_home "$KAFKA_CONNECT_PEER/drain" "$kafka_servers" $topic.schema 127.0.0.1 "$postgres_port" postgres "$1" "$events" > "$folder/peer.log" 2>&1 &
  runner=$!
  for ((i = 0; i < 100; i++)); do peer=$(pgrep -P $runner java || true) && [ -z "$peer" ] || break && sleep 0.1; done
  [ -n "$peer" ] || { say "Kafka Connect did not start" && cat "$folder/peer.log" >&2 && return 1; }
  # The key of its table is (topic, partition, offset), so that the highest offset of each partition is found at once.
  watch "$1" 'Kafka Connect' 'SELECT coalesce(sum(1 + (SELECT max(__connect_offset) FROM peer_connect WHERE __connect_topic = '"'$topic.schema'"' AND __connect_partition = p)), 0) FROM generate_series(0, 11) AS p' \
    'SELECT count(*) FROM peer_connect'
  # It may end with 1 for the signal by which it ends its Java; whether all is stored was looked at above.
  wait $runner || true
  peer=
}

run_wolverine() {
  make_database "$1"
  dotnet bench/peers/wolverine/bin/Release/net10.0/WolverinePeer.dll "$kafka_servers" $topic "$1" "Host=127.0.0.1;Port=$postgres_port;Username=postgres;Database=$1" > "$folder/peer.log" 2>&1 &
  peer=$!
  disown # it is killed, which is not news
  # Not count(*), which would be more work with each look.
  watch "$1" Wolverine 'SELECT coalesce(sum(events), 0) FROM log_counts' 'SELECT count(*) FROM log_events' $patience
  # Without waiting for what it has read ahead.
  end_service "$peer" KILL
  peer=
}

for ((round = 1; round <= rounds; round++)); do
  for ((k = 0; k < ${#kinds[@]}; k++)); do
    # Each comes first as often as another one.
    kind=${kinds[((k + round) % ${#kinds[@]})]}
    run_"$kind" "$kind$round"
    say "round $round of $rounds: ${names[$kind]} $(rate "$stored" "$took") events/s"
    note "$kind" "$(rate "$stored" "$took")" "$(micros "$cpu" "$stored")" "$(micros "$server_cpu" "$stored")" "$memory"
    drop_database "$kind$round"
  done
done

of() { ratio "$1" "$(column "$2" 2)"; }
wolverine_version=$(sed -n 's/.*"WolverineFx.Kafka" Version="\([^"]*\)".*/\1/p' bench/peers/wolverine/WolverinePeer.csproj)
cat <<TEXT
## drain: $events events of $(dotnet "$benchmarks" value-size) bytes

$(versions); one consumer instance with 3 workers. Medians of $rounds rounds in turn.
*Fair pipe*: \`kcat | psql\` into the same tables, 100,000 rows at a time, without order, fence or position. *Raw pipe*: \`kcat | psql COPY\` into one table of jsonb.
*rsyslog*: imkafka and ompgsql, an INSERT for each event, into one table of jsonb. *Kafka Connect*: Debezium's JDBC sink, one task, into one table of text columns; its values carry their schema.
*Wolverine*: $wolverine_version, batches of at most 1,000 behind its durable inbox, by one INSERT over arrays into the same tables; at least once. Its rate is of what it stored within $patience s where it did not store all.

| Kafka to PostgreSQL | events/s | lowest to highest | of the fair pipe's | of the raw pipe's | of Kafka Connect's | of Wolverine's | CPU us an event | PostgreSQL's | memory MB |
|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|
TEXT
for kind in "${kinds[@]}"; do
  speed=$(column "$kind" 2)
  row "${names[$kind]}" "$speed" "$(span "$kind" 2)" "$(of "$speed" fair)" "$(of "$speed" raw)" "$(of "$speed" connect)" "$(of "$speed" wolverine)" "$(column "$kind" 3)" "$(column "$kind" 4)" "$(column "$kind" 5)"
done
printf '\n'
