#!/usr/bin/env bash
# Sends many events through a system of its own while parts of it are killed, frozen and cut off again and again, and then
# holds every acknowledged event against the store.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

events=10000000 every=15
usage() {
  cat <<TEXT
usage: bench/soak.sh [--events N] [--every SECONDS]

  --events N       events to send ($events)
  --every SECONDS  time between two faults ($every)

Needs what ./run.sh needs, and about 1 GB of disk for each million events; its servers, on ports of their own, and their
data in a temporary folder are gone at the end. Ends with 1 when an event was lost, stored twice or out of order. The
figures go to bench/results/.
TEXT
}

number() { case $2 in '' | *[!0-9]* | 0) printf 'bench/soak.sh: %s needs a whole number from 1, not "%s"\n' "$1" "$2" >&2 && exit 2 ;; esac; }
while [ $# -gt 0 ]; do
  case $1 in
    --events) number "$1" "${2:-}" && events=$2 && shift ;;
    --every) number "$1" "${2:-}" && every=$2 && shift ;;
    -h | --help) usage && exit ;;
    *) printf 'bench/soak.sh: unknown argument %s\n\n' "$1" >&2 && usage >&2 && exit 2 ;;
  esac
  shift
done

gateway=28080 kafka=29092 postgres=25432 redis=26379 prometheus=29090
work=$(mktemp -d)
export ASPNETCORE_URLS=http://localhost:25080 ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL=http://localhost:25081
export ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL=http://localhost:25082
say() { printf '%s  %s\n' "$(date +%T)" "$*" >&2; }

./run.sh --Infrastructure:Mode=Processes --Infrastructure:DataPath="$work/data" --ConsumerReplicas=3 --Lag:Interval=00:00:02 \
  --Consumer:SessionTimeout=00:00:10 --Consumer:HeartbeatInterval=00:00:03 \
  --Ports:Gateway=$gateway --Ports:Kafka=$kafka --Ports:Postgres=$postgres --Ports:Redis=$redis --Ports:Prometheus=$prometheus \
  > "$work/run.log" 2>&1 &
application=$!
faults=
finish() {
  [ -z "$faults" ] || kill "$faults" 2> /dev/null || true
  kill -TERM $application 2> /dev/null || true
  wait $application 2> /dev/null || true
  rm -rf "$work"
}
trap finish EXIT

for ((i = 0; i < 300; i++)); do
  ! grep -q 'Ready after' "$work/run.log" || break
  kill -0 $application 2> /dev/null || { tail -n 20 "$work/run.log" >&2 && exit 1; }
  sleep 1
done
grep -q 'Ready after' "$work/run.log" || { say "not ready after 5 minutes" && tail -n 20 "$work/run.log" >&2 && exit 1; }
say "the system is ready; $events events, a fault every $every s"

# The processes of a service of this system: they know its brokers.
processes() {
  local process
  for process in $(pgrep -f "/LogPartitioning.$1/bin/Release/" || true); do
    ! grep -qzs "127.0.0.1:$kafka" "/proc/$process/environ" || echo "$process"
  done
}

one_of() { shuf -n 1 || true; }

cut_sessions() {
  PGPASSWORD=$(cat "$work/data/postgres/password") psql -h 127.0.0.1 -p $postgres -U postgres -d logs -Atqc \
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = 'logs' AND pid <> pg_backend_pid()" > /dev/null 2>&1 || true
}

fault() {
  local process
  case $((RANDOM % 6)) in
    0 | 1) process=$(processes Consumer | one_of) && [ -n "$process" ] && kill -9 "$process" && echo "a consumer killed" ;;
    2) process=$(processes Consumer | one_of) && [ -n "$process" ] && kill -STOP "$process" && sleep 12 && kill -CONT "$process" && echo "a consumer frozen for 12 s" ;;
    3) process=$(processes Producer | one_of) && [ -n "$process" ] && kill -9 "$process" && echo "the producer killed" ;;
    4) process=$(processes Gateway | one_of) && [ -n "$process" ] && kill -9 "$process" && echo "the gateway killed" ;;
    5) cut_sessions && echo "all sessions of the database cut" ;;
  esac || true
}

(while sleep "$every"; do fault >> "$work/faults.log"; done) &
faults=$!

code=0
started=$SECONDS
./load-test.sh --gateway http://127.0.0.1:$gateway --events "$events" --sources 96 --batch 500 --concurrency 16 --ledger "$work/ledger" \
  2>&1 | tee "$work/load.log" || code=1
kill $faults 2> /dev/null || true
took=$((SECONDS - started))
say "sent; every acknowledged event is now held against the store"
PGPASSWORD=$(cat "$work/data/postgres/password") ./load-test.sh audit --ledger "$work/ledger" --gateway http://127.0.0.1:$gateway --wait 10m \
  --connection "Host=127.0.0.1;Port=$postgres;Username=postgres;Database=logs" 2>&1 | tee "$work/audit.log" || code=1

mkdir -p bench/results
result=bench/results/soak-$(date +%F).md
{
  printf '# Soak of %s events\n\n' "$events"
  printf '%s, %s cores, a fault every %s s, %s s of sending.\n\n' "$(date +%F)" "$(nproc)" "$every" "$took"
  printf '| fault | times |\n|---|---:|\n'
  sort "$work/faults.log" 2> /dev/null | uniq -c | while read -r times what; do printf '| %s | %s |\n' "$what" "$times"; done
  printf '\n```\n'
  tr '\r' '\n' < "$work/load.log" | sed -n '/acknowledged/,/longest gap/p' | tail -n 12
  printf '```\n\n```\n'
  tr '\r' '\n' < "$work/audit.log" | tail -n 20
  printf '```\n'
} > "$result"
say "written to $result"
exit $code
