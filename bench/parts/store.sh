#!/usr/bin/env bash
# Reads, the dropping of a day, and writes with duplicates: the store of before days against the present one, with the same events.
#   store.sh FOLDER [ROWS]
set -euo pipefail
source bench/servers.sh
folder=$1 rows=${2:-10000000} days=30

say() { printf '%s  %s\n' "$(date +%T)" "$*" >&2; }
trap 'stop_postgres "$folder/postgres"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

start_postgres "$folder/postgres" shared_buffers=1GB max_wal_size=8GB checkpoint_timeout=30min jit=off
bin=$(postgres_bin)
# In one of the schemas: sql SCHEMA ARGUMENT ...
sql() { PGOPTIONS="-c search_path=$1 -c client_min_messages=warning -c synchronous_commit=off" "$bin/psql" -h 127.0.0.1 -p "$postgres_port" -U postgres -XqAt -v ON_ERROR_STOP=1 "${@:2}"; }

sql public -c 'CREATE SCHEMA before; CREATE SCHEMA after'
sql before -f LogPartitioning.Tests/Core/Storage/before-migrations.sql > /dev/null
for migration in LogPartitioning.Core/Storage/Migrations/*.sql; do
  one=-1 && ! head -n 1 "$migration" | grep -q 'no transaction' || one=
  sql after $one -f "$migration" > /dev/null
done

started=$SECONDS took_before=0 took_after=0
today=$(date -u +%F)
for ((i = 0; i < days; i++)); do
  first=$((rows * i / days)) next=$((rows * (i + 1) / days))
  values=(-v "day=$(date -ud "$today - $((days - i)) days" +%F)" -v "first=$first" -v "rows=$((next - first))")
  sql public "${values[@]}" -f bench/store/make-day.sql
  for schema in before after; do
    began=$(date +%s%N)
    sql "$schema" "${values[@]}" -f "bench/store/fill-$schema.sql"
    declare "took_$schema=$((took_$schema + ($(date +%s%N) - began) / 1000000))"
  done
  say "filled $((i + 1)) of $days days, $next events in each schema, $((SECONDS - started)) s"
done
sql public -c 'DROP TABLE made'
say "vacuum"
sql public -c 'VACUUM (ANALYZE, FREEZE)' -c CHECKPOINT

size() { sql public -c "SELECT round(sum(pg_total_relation_size(oid)) / $rows) FROM pg_class WHERE relnamespace = '$1'::regnamespace AND relkind IN ('r', 'm')"; }
benchmark() { BENCH_POSTGRES="Host=127.0.0.1;Port=$postgres_port;Username=postgres;Database=postgres" dotnet bench/LogPartitioning.Benchmarks/bin/Release/net10.0/LogPartitioning.Benchmarks.dll "$@"; }

cat <<TEXT
## store: $rows events in $days days

PostgreSQL $(sql public -c 'SHOW server_version'), shared_buffers 1 GB, all as it comes beside that. *Before*: one table without partitions. *After*: the present schema.
The fill, indexes in place: before $((took_before / 1000)) s, after $((took_after / 1000)) s. Bytes of disk for an event: before $(size before), after $(size after).

TEXT
say "reads"
benchmark store-reads "$today" "$days"
say "duplicates"
sql after -c 'SELECT make_log_day(d) FROM unnest(ARRAY[current_date - 1, current_date, current_date + 1]) AS d' > /dev/null
benchmark store-duplicates after
