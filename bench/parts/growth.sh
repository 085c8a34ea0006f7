#!/usr/bin/env bash
# What storing an event costs when one, four and ten times as many are stored already.
#   growth.sh FOLDER [EVENTS]   (1000000, and so 4000000 and 10000000)
set -euo pipefail
source bench/servers.sh
source bench/measure.sh
source bench/services.sh
folder=$1 base=${2:-1000000}
# Of few events a window would pass between two looks.
window=$((base < 40000 ? 20000 : base / 2)) events=$((base * 10 + window))
start_all
fill $topic "$events"

# Waits until so many events are stored, and sets stored and at (ns).
await_stored() {
  local i
  for ((i = 0; i < 36000; i++)); do
    stored=$(position logs) at=$(now)
    [ "$stored" -lt "$1" ] || return 0
    kill -0 "$consumer" 2> /dev/null || { tail -n 20 "$folder/consumer.log" >&2 && return 1; }
    sleep 0.1
  done
  say "$stored of $1 events are stored after an hour"
  return 1
}

# Bytes of the write-ahead log so far.
log_position() { sql postgres -c "SELECT pg_current_wal_lsn() - '0/0'::pg_lsn"; }

sql postgres -c 'CREATE DATABASE logs'
start_service Consumer logs
consumer=$service_process
for times in 1 4 10; do
  await_stored $((base * times))
  log_before=$(log_position) stored_before=$stored began=$at cpu_before=$(cpu_of "$consumer") server_before=$(cpu_of_postgres)
  await_stored $((base * times + window))
  count=$((stored - stored_before))
  [ "$count" -gt 0 ] || { say "too few events: all were stored between two looks" && exit 1; }
  took=$(((at - began) / 1000000))
  note $times "$(rate $count $took)" "$(micros $(($(cpu_of "$consumer") - cpu_before)) $count)" "$(micros $(($(cpu_of_postgres) - server_before)) $count)" \
    $((($(log_position) - log_before) / count)) "$(sql postgres -c "SELECT pg_database_size('logs') / 1048576")"
  say "from $stored_before events on: $(column $times 2) events/s"
done
[ "$(sql logs -c 'SELECT count(*) FROM log_events')" = "$events" ] || { say "not every event is stored once" && exit 1; }

cat <<TEXT
## growth: the next $window events after $base, $((base * 4)) and $((base * 10))

$(versions). One consumer instance stores one backlog of $events events without a stop, all of one half hour, so all in the partition of one day and with ids in random order: what indexes like least. One run.

| stored already | events/s | of the first | CPU us an event: consumer | PostgreSQL | bytes of write-ahead log an event | MB on disk |
|---|---:|---:|---:|---:|---:|---:|
TEXT
for times in 1 4 10; do row $((base * times)) "$(column $times 2)" "$(ratio "$(column $times 2)" "$(column 1 2)")" "$(column $times 3)" "$(column $times 4)" "$(column $times 5)" "$(column $times 6)"; done
printf '\n'
