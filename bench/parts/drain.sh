#!/usr/bin/env bash
# A backlog from Kafka into PostgreSQL: one consumer instance against a shell pipe into the same tables, and one into a table of JSON.
#   drain.sh FOLDER [EVENTS]
set -euo pipefail
source bench/servers.sh
folder=$1 events=${2:-1000000} rounds=3 topic=events
consumer=

say() { printf '%s  %s\n' "$(date +%T)" "$*" >&2; }
finish() {
  [ -z "$consumer" ] || kill -9 "$consumer" 2> /dev/null || true
  stop_kafka "$folder/kafka"
  stop_postgres "$folder/postgres"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

start_postgres "$folder/postgres" max_wal_size=4GB
start_kafka "$folder/kafka"
bin=$(postgres_bin)
sql() { "$bin/psql" -h 127.0.0.1 -p "$postgres_port" -U postgres -XqAt -v ON_ERROR_STOP=1 -d "$1" "${@:2}"; }
now() { date +%s%N; }
dotnet bench/LogPartitioning.Benchmarks/bin/Release/net10.0/LogPartitioning.Benchmarks.dll drain-fill "$kafka_servers" "$topic" "$events"

# Hundredths of a second of processor time.
cpu_of() { awk '{ print $14 + $15 }' "/proc/$1/stat" 2> /dev/null || echo 0; }
# Of the server: its processes, and those that have ended.
cpu_of_postgres() {
  local server process sum
  server=$(head -n 1 "$folder/postgres/data/postmaster.pid")
  sum=$(awk '{ print $14 + $15 + $16 + $17 }' "/proc/$server/stat")
  for process in $(pgrep -P "$server"); do sum=$((sum + $(cpu_of "$process"))); done
  echo "$sum"
}

# A database with the tables, and the partition of today and yesterday, in which the events are.
make_database() {
  sql postgres -c "CREATE DATABASE $1"
  for migration in LogPartitioning.Core/Storage/Migrations/*.sql; do sql "$1" -1 -f "$migration" > /dev/null 2>&1; done
  sql "$1" -c "SELECT make_log_day(current_date - n) FROM generate_series(0, 1) AS n" -c CHECKPOINT > /dev/null
}

position() { sql "$1" -c "SELECT coalesce(sum(next_offset), 0) FROM consumer_offsets" 2> /dev/null || echo 0; }
# A run sets took (ms), stored, server_cpu (of PostgreSQL, hundredths of a second) and, where there is one program to look at, cpu and memory (MB).
run_consumer() {
  local database=$1 began ended cpu_before server_before stored_before
  sql postgres -c "CREATE DATABASE $database"
  ConnectionStrings__kafka=$kafka_servers ConnectionStrings__logs="Host=127.0.0.1;Port=$postgres_port;Username=postgres;Database=$database" \
    Kafka__Topic=$topic Kafka__DeadLetterTopic=$topic.dlq Kafka__Group=$database Consumer__Instance=bench ASPNETCORE_URLS=http://127.0.0.1:$(free_port) \
    DOTNET_ENVIRONMENT=Production ConnectionStrings__redis=127.0.0.1:$(free_port),abortConnect=false \
    dotnet LogPartitioning.Consumer/bin/Release/net10.0/LogPartitioning.Consumer.dll > "$folder/consumer.log" 2>&1 &
  consumer=$!
  began=
  for ((i = 0; i < 1200; i++)); do
    stored=$(position "$database")
    if [ -z "$began" ] && [ "$stored" -gt 0 ]; then
      # From the first batch on: the start of a program and of a group is another question.
      began=$(now) stored_before=$stored cpu_before=$(cpu_of "$consumer") server_before=$(cpu_of_postgres)
    fi
    [ "$stored" -lt "$events" ] || break
    kill -0 "$consumer" 2> /dev/null || { tail -n 20 "$folder/consumer.log" >&2 && return 1; }
    sleep 0.25
  done
  [ "$stored" -ge "$events" ] || { say "the consumer has stored $stored of $events events after five minutes" && return 1; }
  ended=$(now)
  took=$(((ended - began) / 1000000)) stored=$((stored - stored_before))
  cpu=$(($(cpu_of "$consumer") - cpu_before)) server_cpu=$(($(cpu_of_postgres) - server_before))
  memory=$(awk '/VmHWM/ { printf "%d", $2 / 1024 }' "/proc/$consumer/status")
  [ "$(sql "$database" -c 'SELECT count(*) FROM log_events')" = "$events" ] || { say "not every event is stored once" && return 1; }
  kill "$consumer" && wait "$consumer" 2> /dev/null || true
  consumer=
}

read_topic() { kcat -C -b "$kafka_servers" -t $topic -o beginning -e -q "$@"; }
# A pipe's rows, a hundred thousand at a time, into a table on their way to where they belong.
run_pipe() {
  local database=$1 kind=$2 began server_before
  make_database "$database"
  if [ "$kind" = fair ]; then
    sql "$database" -c 'CREATE UNLOGGED TABLE staged (partition integer, "offset" bigint, key text, value jsonb)'
  else
    sql "$database" -c 'CREATE TABLE staged (partition integer, "offset" bigint, key text, value jsonb, PRIMARY KEY (partition, "offset"))'
  fi
  cat > "$folder/fair.sql" <<'TEXT'
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
TEXT
  began=$(now) server_before=$(cpu_of_postgres)
  if [ "$kind" = fair ]; then
    export pipe_psql="$bin/psql -h 127.0.0.1 -p $postgres_port -U postgres -Xq -v ON_ERROR_STOP=1 -d $database -f $folder/fair.sql"
    read_topic -f '%p\x02%o\x02%k\x02%s\n' | split -l 100000 --filter='$pipe_psql' -
    stored=$(sql "$database" -c 'SELECT count(*) FROM log_events')
  else
    read_topic -f '%p\x02%o\x02%k\x02%s\n' | sql "$database" -c "COPY staged FROM STDIN WITH (FORMAT csv, DELIMITER E'\x02', QUOTE E'\x01')"
    stored=$(sql "$database" -c 'SELECT count(*) FROM staged')
  fi
  took=$((($(now) - began) / 1000000)) server_cpu=$(($(cpu_of_postgres) - server_before)) cpu= memory=
  [ "$stored" = "$events" ] || { say "the pipe has stored $stored of $events events" && return 1; }
}

kinds=(consumer)
if command -v kcat > /dev/null; then kinds+=(fair raw); else say "without kcat there is no pipe to measure beside"; fi
for ((round = 1; round <= rounds; round++)); do
  for ((k = 0; k < ${#kinds[@]}; k++)); do
    # Each comes first as often as another one.
    kind=${kinds[((k + round) % ${#kinds[@]})]} database=${kinds[((k + round) % ${#kinds[@]})]}$round
    if [ "$kind" = consumer ]; then run_consumer "$database"; else run_pipe "$database" "$kind"; fi
    say "round $round of $rounds: $kind $((stored * 1000 / took)) events/s"
    printf '%s,%s,%s,%s,%s\n' "$kind" "$((stored * 1000 / took))" "${cpu:+$((cpu * 100000 / stored))}" "$((server_cpu * 100000 / stored))" "$memory" >> "$folder/rounds"
    sql postgres -c "DROP DATABASE $database WITH (FORCE)"
  done
done

median() { sort -n | awk '{ v[NR] = $1 } END { print NR ? v[int((NR + 1) / 2)] : "" }'; }
column() { awk -F , -v kind="$1" -v n="$2" '$1 == kind { print $n }' "$folder/rounds" | median; }
tenths() { awk -v n="$1" 'BEGIN { if (n != "") printf "%.1f", n / 10 }'; }
rate=$(column consumer 2)
cat <<TEXT
## drain: $events events of $(kcat -C -b "$kafka_servers" -t $topic -o beginning -c 1000 -q 2> /dev/null | awk '{ bytes += length($0) } END { printf "%d", NR ? bytes / NR : 0 }') bytes

Three brokers, 12 partitions with 3 replicas; PostgreSQL $(sql postgres -c 'SHOW server_version') as it comes but for max_wal_size; one consumer instance with 3 workers. Medians of $rounds rounds in turn.
*Fair pipe*: \`kcat | psql\` into the same tables, 100,000 rows at a time, without order, fence or position. *Raw pipe*: \`kcat | psql COPY\` into one table of jsonb.

| Kafka to PostgreSQL | events/s | of the consumer's | CPU us an event | PostgreSQL's | memory MB |
|---|---:|---:|---:|---:|---:|
TEXT
for kind in "${kinds[@]}"; do
  case $kind in consumer) name='this system' ;; fair) name='fair pipe' ;; raw) name='raw pipe' ;; esac
  printf '| %s | %s | %s | %s | %s | %s |\n' "$name" "$(column "$kind" 2)" "$(awk -v a="$(column "$kind" 2)" -v b="$rate" 'BEGIN { printf "%.2f", a / b }')" \
    "$(tenths "$(column "$kind" 3)")" "$(tenths "$(column "$kind" 4)")" "$(column "$kind" 5)"
done
printf '\n'
