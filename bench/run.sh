#!/usr/bin/env bash
# Measures parts of the system on servers of their own, and writes down what came out.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

rows=
parts=()
known() { for part in bench/parts/*.sh; do basename "$part" .sh; done; }
usage() {
  cat <<TEXT
usage: bench/run.sh [--rows N] [PART ...]

$(for part in $(known); do printf '  %-11s%s\n' "$part" "$(sed -n 's/^# //p;2q' "bench/parts/$part.sh")"; done)

  --rows N   events of a part, beside what it takes by itself (bench/README.md tells both); few are for a look

Peers of drain: two pipes of kcat, rsyslog, Kafka Connect, Wolverine; of ingest: kcat and an empty endpoint. One that is not there is left out with a line.

  KAFKA_HOME           a release of Kafka from 3.3, for all parts but store and hot
  POSTGRES_HOME        a PostgreSQL from 15, where it is neither in PATH nor in Debian's folder
  RSYSLOG_MODDIR       the modules of rsyslog, where they are not in its own folder
  KAFKA_CONNECT_PEER   a folder with the program that runs Kafka Connect (bench/README.md)

Without a part it runs all of them. Each one starts its servers on free ports of loopback, with their data in a temporary folder (about 1 GB for
each million rows, and up to 8 GB beside that), and ends them with Ctrl+C too. It tells how far it is while it runs, and prints the figures at the end, which are in
bench/results/ then. No figure makes it fail: it ends with 1 only where something could not be measured, and with 2 where it was called wrongly.
TEXT
}

refuse() { printf 'bench/run.sh: %s\n\n' "$1" >&2 && usage >&2 && exit 2; }
while [ $# -gt 0 ]; do
  case $1 in
    --rows)
      case ${2:-} in '' | *[!0-9]* | 0* | ??????????*) refuse "--rows needs a whole number from 3000 to 999999999, not \"${2:-}\"" ;; esac
      [ "$2" -ge 3000 ] || refuse "--rows needs a whole number from 3000 to 999999999, not \"$2\""
      rows=$2 && shift ;;
    -h | --help) usage && exit ;;
    -*) refuse "unknown argument $1" ;;
    *)
      known | grep -xF -- "$1" > /dev/null || refuse "there is no part \"$1\"; there are: $(known | paste -sd ' ')"
      parts+=("$1") ;;
  esac
  shift
done
[ ${#parts[@]} -gt 0 ] || mapfile -t parts < <(known)

work=$(mktemp -d)
chmod 711 "$work" # a server may run as another user
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
printf 'building\n' >&2
# With the gateway and the consumer, to which it refers.
for project in bench/LogPartitioning.Benchmarks LogPartitioning.Producer; do dotnet build "$project" -c Release -v q -nologo -clp:NoSummary >&2; done

mkdir -p bench/results
result=bench/results/$(date +%F).md
# Written part by part, so that the end of one, or of all by Ctrl+C, takes nothing from those before it.
add() { tee -a "$work/result.md" >> "$result"; }
{
  printf '# %s, %s\n\n' "$(date '+%F %R')" "$(git rev-parse --short HEAD 2> /dev/null || echo 'no commit')"
  printf '%s cores (%s), %s GiB, %s, .NET %s; load %s when it began.\n\n' "$(nproc)" "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" \
    "$(awk '/MemTotal/ { printf "%.0f", $2 / 1048576 }' /proc/meminfo)" "$(uname -sr)" "$(dotnet --version)" "$(cut -d ' ' -f 1 /proc/loadavg)"
} | add
code=0
for part in "${parts[@]}"; do
  mkdir "$work/$part"
  # What a part prints is its result; its progress goes to standard error.
  bash "bench/parts/$part.sh" "$work/$part" "$rows" > "$work/part.md" || code=1
  add < "$work/part.md"
  rm -rf "${work:?}/$part"
done
cat "$work/result.md"
printf 'added to %s\n' "$result" >&2
exit $code
