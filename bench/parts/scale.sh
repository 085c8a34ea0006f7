#!/usr/bin/env bash
# The same backlog with one, two and three consumer instances.
#   scale.sh FOLDER [EVENTS]   (1000000)
set -euo pipefail
source bench/servers.sh
source bench/measure.sh
source bench/services.sh
folder=$1 events=${2:-1000000} rounds=3
start_all
fill $topic "$events"
for ((round = 1; round <= rounds; round++)); do
  for ((k = 0; k < 3; k++)); do
    instances=$(((k + round) % 3 + 1))
    run_consumers "scale${instances}_$round" $instances
    say "round $round of $rounds: $(plural "$instances" instance) $(rate "$stored" "$took") events/s"
    note $instances "$(rate "$stored" "$took")" "$(micros "$cpu" "$stored")" "$(micros "$server_cpu" "$stored")" "$memory"
    drop_database "scale${instances}_$round"
  done
done

cat <<TEXT
## scale: $events events

$(versions); instances of 3 workers each, all on this machine with its $(nproc) processors, brokers and PostgreSQL too. Medians of $rounds rounds in turn.

| instances | events/s | lowest to highest | of one instance's | CPU us an event: instances | PostgreSQL | memory MB, of all |
|---|---:|---:|---:|---:|---:|---:|
TEXT
for instances in 1 2 3; do
  row $instances "$(column $instances 2)" "$(span $instances 2)" "$(ratio "$(column $instances 2)" "$(column 1 2)")" "$(column $instances 3)" "$(column $instances 4)" "$(column $instances 5)"
done
printf '\n'
