#!/usr/bin/env bash
# How long partitions stand still when a consumer instance joins, leaves, and is killed.
#   rebalance.sh FOLDER [EVENTS]   (a round for each 100000, three at most)
set -euo pipefail
source bench/servers.sh
source bench/measure.sh
source bench/services.sh
folder=$1 rounds=$((${2:-300000} / 100000)) speed=1200 session=10
[ "$rounds" -ge 1 ] || rounds=1
[ "$rounds" -le 3 ] || rounds=3
start_all

consumer() {
  start_service Consumer "$1" Consumer__Instance="bench-$2" Consumer__SessionTimeout=00:00:$session Consumer__HeartbeatInterval=00:00:03
  await_service /alive
}
# Workers in the order of their instances: how many instances own partitions, and the most and the fewest that one has.
owners() { sql "$1" -c "SELECT count(*), max(n), min(n), sum(n) FROM (SELECT split_part(owner, '/', 1), count(*) AS n FROM consumer_offsets WHERE topic = '$topic' GROUP BY 1) AS o"; }
# Waits until so many instances have the same number of partitions each: settled DATABASE INSTANCES.
settled() {
  local i share=$((12 / $2))
  for ((i = 0; i < 450; i++)); do
    [ "$(owners "$1")" != "$2|$share|$share|12" ] || return 0
    sleep 0.2
  done
  say "$2 instances do not share the partitions evenly after 90 s: $(owners "$1")"
  return 1
}

for ((round = 1; round <= rounds; round++)); do
  database=rebalance$round topic=steady$round
  sql postgres -c "CREATE DATABASE $database"
  dotnet "$benchmarks" topic "$kafka_servers" "$topic"
  consumer "$database" 1
  consumer "$database" 2
  second=$service_process
  mkfifo "$folder/phases$round"
  dotnet "$benchmarks" stand-still "$kafka_servers" "$topic" "Host=127.0.0.1;Port=$postgres_port;Username=postgres;Database=$database" $speed < "$folder/phases$round" > "$folder/still" &
  watching=$!
  exec 9> "$folder/phases$round"
  settled "$database" 2
  sleep 3 # what the start of the group held up is stored
  say "round $round of $rounds: nothing happens"
  echo nothing >&9
  sleep 10
  say "round $round of $rounds: a third instance joins"
  echo joins >&9
  consumer "$database" 3 9>&- # whose end must not keep the phases open
  third=$service_process
  settled "$database" 3
  sleep 5
  say "round $round of $rounds: it leaves"
  echo leaves >&9
  end_service "$third"
  settled "$database" 2
  sleep 5
  say "round $round of $rounds: another one is killed"
  echo killed >&9
  end_service "$second" KILL
  settled "$database" 1
  sleep 5
  exec 9>&-
  wait $watching || { say "the measurement failed" && exit 1; }
  while IFS=, read -r phase count middle longest; do [ "$phase" = sent ] || note "$phase" "$count" "$middle" "$longest"; done < "$folder/still"
  sent=$(sed -n 's/^sent,//p' "$folder/still")
  [ "$(sql "$database" -c 'SELECT count(*) FROM log_events')" = "$sent" ] || { say "not every event is stored once" && exit 1; }
  for process in "${services[@]}"; do end_service "$process"; done
  services=()
  drop_database "$database"
done

cat <<TEXT
## rebalance: $speed events/s into 12 partitions

$(versions); two consumer instances to begin with, a session timeout of $session s, $(plural "$rounds" round). Each partition's position in PostgreSQL is asked for every 20 ms; one that has not moved for half a second stands still (it gets an
event every 10 ms). Partitions: the median of the rounds; times: the median of those that stood still, and the longest of all partitions and rounds.

| | partitions that stood still, of 12 | for, median ms | longest ms |
|---|---:|---:|---:|
TEXT
declare -A names=([nothing]='nothing happens' [joins]='a third instance joins' [leaves]='it leaves' [killed]='one of the two is killed')
for phase in nothing joins leaves killed; do row "${names[$phase]}" "$(column "$phase" 2)" "$(column "$phase" 3)" "$(highest "$phase" 4)"; done
printf '\n'
