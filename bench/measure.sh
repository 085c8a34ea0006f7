# Clocks, processor time, memory, medians and cells of tables. To be sourced after servers.sh.

benchmarks=bench/LogPartitioning.Benchmarks/bin/Release/net10.0/LogPartitioning.Benchmarks.dll

say() { printf '%s  %s\n' "$(date +%T)" "$*" >&2; }
now() { date +%s%N; }

# Hundredths of a second of processor time that processes have used.
cpu_of() {
  local process sum=0
  for process; do sum=$((sum + $(sed 's/.*) //' "/proc/$process/stat" 2> /dev/null | awk '{ print $12 + $13 } END { if (!NR) print 0 }'))); done
  echo "$sum"
}
# Of PostgreSQL in $folder: its processes, and those that have ended. Looked at again where one ended meanwhile, which would be missed or counted twice.
cpu_of_postgres() {
  local server process sum ended before i
  server=$(head -n 1 "$folder/postgres/data/postmaster.pid")
  ended=$(awk '{ print $16 + $17 }' "/proc/$server/stat")
  for ((i = 0; i < 20; i++)); do
    before=$ended
    sum=$(awk '{ print $14 + $15 + $16 + $17 }' "/proc/$server/stat")
    for process in $(pgrep -P "$server"); do sum=$((sum + $(cpu_of "$process"))); done
    ended=$(awk '{ print $16 + $17 }' "/proc/$server/stat")
    [ "$ended" != "$before" ] || break
  done
  echo "$sum"
}
# Of the brokers in $folder.
cpu_of_kafka() { cpu_of $(cat "$folder/kafka/processes"); }

# The most memory that a process has had, in MB.
peak_of() { awk '/VmHWM/ { printf "%d", $2 / 1024 }' "/proc/$1/status" 2> /dev/null || true; }

# Runs a command and sets elapsed (ms) and used (hundredths of a second of processor time of it and of all that it started).
measure() {
  local began
  began=$(now)
  TIMEFORMAT='%U %S'
  { time "$@" 2>&3; } 3>&2 2> "$folder/time"
  elapsed=$((($(now) - began) / 1000000))
  used=$(awk '{ printf "%d", ($1 + $2) * 100 }' "$folder/time")
}

# Rounds of a part are lines "KIND,NUMBER,NUMBER,..." in $folder/rounds; a number may be missing.
note() { local IFS=, && printf '%s\n' "$*" >> "$folder/rounds"; }
median() { sort -g | awk 'NF { v[++n] = $1 } END { print n ? v[int((n + 1) / 2)] : "" }'; }
# The median of a column: column KIND N.
column() { awk -F , -v kind="$1" -v n="$2" '$1 == kind { print $n }' "$folder/rounds" | median; }
# The lowest and the highest of a column.
span() { awk -F , -v kind="$1" -v n="$2" '$1 == kind && $n != "" { print $n }' "$folder/rounds" | sort -g | sed -n '1p;$p' | paste -sd - | sed 's/-/ to /'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { if (a != "" && b > 0) printf "%.2f", a / b }'; }

# Microseconds of an event, to one place: micros HUNDREDTHS EVENTS.
micros() { [ -z "$1" ] || awk -v cpu="$1" -v events="$2" 'BEGIN { printf "%.1f", events ? cpu * 10000 / events : 0 }'; }
# Events a second: rate EVENTS MILLISECONDS.
rate() { echo $(($1 * 1000 / ($2 > 0 ? $2 : 1))); }
# A cell for each argument.
row() { printf '|' && printf ' %s |' "$@" && printf '\n'; }
# The highest of a column.
highest() { awk -F , -v kind="$1" -v n="$2" '$1 == kind && $n != "" { print $n }' "$folder/rounds" | sort -g | tail -n 1; }
# Milliseconds of microseconds.
milliseconds() { [ -z "$1" ] || awk -v us="$1" 'BEGIN { printf "%.1f", us / 1000 }'; }
# plural NUMBER WORD
plural() { [ "$1" = 1 ] && echo "1 $2" || echo "$1 $2s"; }
