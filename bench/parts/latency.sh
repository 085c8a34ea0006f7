#!/usr/bin/env bash
# From sending an event to reading it: 1,000 events/s through the gateway, beside an INSERT for each without Kafka.
#   latency.sh FOLDER [EVENTS]   (60000, which is a minute; fewer are one round, more make it no longer)
set -euo pipefail
source bench/servers.sh
source bench/measure.sh
source bench/services.sh
folder=$1 events=${2:-60000} speed=1000 rounds=3
[ "$events" -le 60000 ] || events=60000
[ "$events" -ge 60000 ] || rounds=1
start_all
connection() { echo "Host=127.0.0.1;Port=$postgres_port;Username=postgres;Database=$1"; }

# The system, with settings of the consumer: start_system DATABASE [NAME=VALUE ...]. Sets gateway_url and system.
start_system() {
  local database=$1 producer_url
  system=()
  sql postgres -c "CREATE DATABASE $database"
  start_service Consumer "$database" "${@:2}"
  system+=("$service_process")
  await_service /health
  start_service Producer "$database"
  system+=("$service_process") producer_url=$service_url
  await_service /health
  start_service Gateway "$database" Gateway__Producer="$producer_url" Gateway__RequestsPerSecond=1000000 Gateway__Burst=1000000 Audit__CanaryInterval=0:00:00
  system+=("$service_process") gateway_url=$service_url
  await_service /alive
}

# A run sets the figures of a line of `steady`, after one that warms up.
steady() {
  dotnet "$benchmarks" steady "$1" $topic $((speed * 5)) $speed ${2:+"$2"} > /dev/null
  dotnet "$benchmarks" steady "$1" $topic "$events" $speed ${2:+"$2"} > "$folder/steady"
  IFS=, read -r sent polls elapsed ack50 ack99 ack100 seen50 seen99 seen100 < "$folder/steady"
}
run_system() {
  topic=$1
  start_system "$@"
  steady "$gateway_url" "$(connection "$1")"
  [ "$(sql "$1" -c 'SELECT count(*) FROM log_events')" = $((sent + speed * 5)) ] || { say "not every event is stored once" && return 1; }
  for process in "${system[@]}"; do end_service "$process"; done
}
run_usual() { run_system "usual$1"; }
run_quick() { run_system "quick$1" Consumer__BatchDelay=00:00:00.010; }
run_insert() {
  sql postgres -c "CREATE DATABASE insert$1"
  service_url=http://127.0.0.1:$(free_port)
  dotnet "$benchmarks" endpoint "$service_url" "$(connection "insert$1")" > "$folder/endpoint.log" 2>&1 &
  service_process=$!
  services+=("$service_process")
  disown
  await_service /alive
  steady "$service_url"
  [ "$(sql "insert$1" -c 'SELECT count(*) FROM received')" = $((sent + speed * 5)) ] || { say "not every event is stored once" && return 1; }
  end_service "$service_process"
}

# Brokers that have just started are slow for a while, and whoever comes first would pay for that.
say "warm up"
topic=warm
start_system warm
dotnet "$benchmarks" load "$gateway_url" batch 8 50000 > /dev/null
dotnet "$benchmarks" load "$gateway_url" single 64 $((events < 20000 ? events : 20000)) > /dev/null
for process in "${system[@]}"; do end_service "$process"; done

kinds=(usual quick insert)
declare -A names=([usual]='this system' [quick]='this system, `Consumer:BatchDelay` of 10 ms' [insert]='an INSERT for each, without Kafka')
for ((round = 1; round <= rounds; round++)); do
  for ((k = 0; k < ${#kinds[@]}; k++)); do
    kind=${kinds[((k + round) % ${#kinds[@]})]}
    run_"$kind" "$round"
    say "round $round of $rounds: ${names[$kind]}: stored after $(milliseconds "$seen50") ms (p50), $(milliseconds "$seen99") ms (p99)"
    note "$kind" "$ack50" "$ack99" "$ack100" "$seen50" "$seen99" "$seen100" "$(awk -v ms="$elapsed" -v polls="$polls" 'BEGIN { if (polls) printf "%.1f", ms / polls }')"
  done
done

cat <<TEXT
## latency: $speed events/s for $((events / speed)) s

$(versions); one consumer instance, one gateway, one producer. Single events, on 64 connections. The clock of an event starts when it was due; medians of $(plural "$rounds" round) in turn, of the highest the highest.
*Stored*: the partition's position in PostgreSQL, written in one transaction with the events, is beyond the event's offset, so that \`GET /api/logs\` gives it from then on. It is asked for about every $(column usual 8) ms, and nothing is
subtracted for that. Positions and not \`GET /api/logs\`, since reading the events themselves so often would be a load of its own; the number of stored events is compared at the end.
*An INSERT for each*: a minimal API that answers when its row is committed.

| milliseconds | acknowledged p50 | p99 | highest | stored p50 | p99 | highest |
|---|---:|---:|---:|---:|---:|---:|
TEXT
for kind in "${kinds[@]}"; do
  row "${names[$kind]}" "$(milliseconds "$(column "$kind" 2)")" "$(milliseconds "$(column "$kind" 3)")" "$(milliseconds "$(highest "$kind" 4)")" \
    "$(milliseconds "$(column "$kind" 5)")" "$(milliseconds "$(column "$kind" 6)")" "$(milliseconds "$(highest "$kind" 7)")"
done
printf '\n'
