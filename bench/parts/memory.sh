#!/usr/bin/env bash
# The memory of one consumer instance while it stores a backlog, and one four times as large.
#   memory.sh FOLDER [EVENTS]   (1000000, and 4000000)
set -euo pipefail
source bench/servers.sh
source bench/measure.sh
source bench/services.sh
folder=$1 base=${2:-1000000}
start_all
for times in 1 4; do
  events=$((base * times)) topic=backlog$times
  fill $topic "$events"
  for round in 1 2; do
    run_consumers "memory${times}_$round" 1
    say "$events events: $memory MB, $(rate "$stored" "$took") events/s"
    note "$times" "$memory" "$(rate "$stored" "$took")"
    drop_database "memory${times}_$round"
  done
done

cat <<TEXT
## memory: backlogs of $base and $((base * 4)) events

$(versions); one consumer instance with 3 workers. The highest resident memory (VmHWM) of its process, the higher of two runs.

| backlog | memory MB | of the smaller backlog's | events/s |
|---|---:|---:|---:|
TEXT
row "$base" "$(highest 1 2)" 1.00 "$(column 1 3)"
row "$((base * 4))" "$(highest 4 2)" "$(ratio "$(highest 4 2)" "$(highest 1 2)")" "$(column 4 3)"
printf '\n'
