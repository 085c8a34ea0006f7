#!/usr/bin/env bash
# The steps that every event goes through, by themselves: reading and writing a value, the hash of a key, a batch into PostgreSQL.
#   hot.sh FOLDER
set -euo pipefail
source bench/servers.sh
source bench/measure.sh
folder=$1
trap 'stop_postgres "$folder/postgres"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

start_postgres "$folder/postgres"
say "benchmarks with a short job"
BENCH_POSTGRES="Host=127.0.0.1;Port=$postgres_port;Username=postgres;Database=postgres" \
  dotnet "$benchmarks" hot "$folder/hot" '*' > "$folder/hot.log" 2>&1 || { tail -n 40 "$folder/hot.log" >&2 && exit 1; }
cat <<TEXT
## hot

BenchmarkDotNet, a short job (3 runs), in one process; PostgreSQL as it comes.
TEXT
reports=("$folder"/hot/results/*-report-github.md)
[ -f "${reports[0]}" ] || { tail -n 40 "$folder/hot.log" >&2 && exit 1; }
# The table alone: the machine is told above.
for report in "${reports[@]}"; do
  name=${report##*/} name=${name%-report-github.md}
  printf '\n%s\n\n' "\`${name##*.}\`"
  grep '^|' "$report"
done
printf '\n'
