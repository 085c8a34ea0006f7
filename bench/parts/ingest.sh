#!/usr/bin/env bash
# Events over HTTP into Kafka: the producer and the gateway beside kcat and beside a door with nothing behind it.
#   ingest.sh FOLDER [EVENTS]   (1000000 in batches, a tenth of them one by one)
set -euo pipefail
source bench/servers.sh
source bench/measure.sh
source bench/services.sh
folder=$1 events=${2:-1000000} rounds=3
events=$((events / 500 * 500)) singles=$((events / 10)) topics=0
start_all
sql postgres -c 'CREATE DATABASE logs'
for migration in LogPartitioning.Core/Storage/Migrations/*.sql; do sql logs -1 -f "$migration" > /dev/null 2>&1; done

start_service Producer logs
producer=$service_process producer_url=$service_url
await_service /health
# One client sends all of it here, so the bound for one address must not be what is measured.
start_service Gateway logs Gateway__Producer="$producer_url" Gateway__RequestsPerSecond=1000000 Gateway__Burst=1000000 Audit__CanaryInterval=0:00:00
gateway=$service_process gateway_url=$service_url
await_service /alive
service_url=http://127.0.0.1:$(free_port)
dotnet "$benchmarks" endpoint "$service_url" > "$folder/endpoint.log" 2>&1 &
service_process=$! endpoint=$! endpoint_url=$service_url
services+=("$endpoint")
disown
await_service /alive

# A run sets took, stored, p50, p99 (µs) and, in hundredths of a second, cpu (of the service that is asked), behind (of the producer behind the
# gateway), brokers and client.
load() {
  local url=$1 process=$2 form=$3 connections=$4 count=$5 cpu_before behind_before brokers_before written_before
  cpu_before=$(cpu_of "$process") behind_before=$(cpu_of "$producer") brokers_before=$(cpu_of_kafka) written_before=$(dotnet "$benchmarks" count "$kafka_servers" $topic)
  dotnet "$benchmarks" load "$url" "$form" "$connections" "$count" > "$folder/load"
  IFS=, read -r stored took p50 p99 _ client < "$folder/load"
  cpu=$(($(cpu_of "$process") - cpu_before)) brokers=$(($(cpu_of_kafka) - brokers_before)) behind=
  [ "$process" != "$gateway" ] || behind=$(($(cpu_of "$producer") - behind_before))
  [ "$process" = "$endpoint" ] || {
    written=$(($(dotnet "$benchmarks" count "$kafka_servers" $topic) - written_before))
    [ "$written" = "$stored" ] || { say "$stored events were sent and $written are in the topic" && return 1; }
  }
}
run_producer-batches() { load "$producer_url" "$producer" batch 8 "$events"; }
run_gateway-batches() { load "$gateway_url" "$gateway" batch 8 "$events"; }
run_producer-otlp-batches() { load "$producer_url" "$producer" otlp 8 "$events"; }
run_endpoint-batches() { load "$endpoint_url" "$endpoint" batch 8 "$events"; }
run_producer-singles() { load "$producer_url" "$producer" single 64 "$singles"; }
run_gateway-singles() { load "$gateway_url" "$gateway" single 64 "$singles"; }
run_endpoint-singles() { load "$endpoint_url" "$endpoint" single 64 "$singles"; }
run_kcat() {
  local brokers_before
  topics=$((topics + 1))
  dotnet "$benchmarks" topic "$kafka_servers" "kcat$topics"
  brokers_before=$(cpu_of_kafka)
  measure kcat -P -b "$kafka_servers" -t "kcat$topics" -K '\t' -l "$folder/records" -z lz4 \
    -X acks=all -X enable.idempotence=true -X linger.ms=5 -X topic.partitioner=murmur2_random -X queue.buffering.max.messages=100000
  took=$elapsed stored=$(dotnet "$benchmarks" count "$kafka_servers" "kcat$topics") cpu='' behind='' p50='' p99='' client=$used brokers=$(($(cpu_of_kafka) - brokers_before))
  [ "$stored" = "$events" ] || { say "kcat has written $stored of $events events" && return 1; }
}

kinds=(producer-batches producer-otlp-batches gateway-batches endpoint-batches producer-singles gateway-singles endpoint-singles)
declare -A names=([producer-batches]='bodies of 500: producer' [producer-otlp-batches]='OTLP, 500 records: producer' [gateway-batches]='bodies of 500: gateway' [endpoint-batches]='bodies of 500: empty endpoint' [kcat]='records: kcat -P'
  [producer-singles]='single events: producer' [gateway-singles]='single events: gateway' [endpoint-singles]='single events: empty endpoint')
if command -v kcat > /dev/null; then
  kinds=(kcat "${kinds[@]}")
  dotnet "$benchmarks" records "$folder/records" "$events"
else
  say "without kcat there is no client of Kafka alone to measure beside"
fi
say "warm up"
for url in "$producer_url" "$gateway_url" "$endpoint_url"; do
  dotnet "$benchmarks" load "$url" batch 8 $((events < 50000 ? events : 50000)) > /dev/null
  [ "$url" = "$endpoint_url" ] || dotnet "$benchmarks" load "$url" otlp 8 $((events < 50000 ? events : 50000)) > /dev/null
  dotnet "$benchmarks" load "$url" single 64 $((singles < 10000 ? singles : 10000)) > /dev/null
done

for ((round = 1; round <= rounds; round++)); do
  for ((k = 0; k < ${#kinds[@]}; k++)); do
    kind=${kinds[((k + round) % ${#kinds[@]})]}
    run_"$kind"
    say "round $round of $rounds: ${names[$kind]}: $(rate "$stored" "$took") events/s"
    note "$kind" "$(rate "$stored" "$took")" "$p50" "$p99" "$(micros "$cpu" "$stored")" "$(micros "$behind" "$stored")" "$(micros "$brokers" "$stored")" "$(micros "$client" "$stored")"
  done
done

cat <<TEXT
## ingest: $events events in bodies of 500, $singles one by one

$(versions). Values of $(dotnet "$benchmarks" value-size) bytes, acks=all, lz4. Bodies of NDJSON, and of OTLP in protobuf, on 8 connections, single events on 64; warm; medians of $rounds rounds in turn. All on one machine, so that whoever sends, the services and
the brokers share its processors: what a service can do alone follows from its processor time, not from its events/s.
*Empty endpoint*: a minimal API that reads the body and answers 202. *Of the empty endpoint's* is the ratio of events/s.

| | events/s | lowest to highest | of the empty endpoint's | of kcat's | p50 ms of a request | p99 ms | CPU us an event: service | producer behind the gateway | brokers | client |
|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|
TEXT
for kind in "${kinds[@]}"; do
  form=${kind##*-} speed=$(column "$kind" 2) of_kcat=
  [ "$form" = singles ] || of_kcat=$(ratio "$speed" "$(column kcat 2)")
  row "${names[$kind]}" "$speed" "$(span "$kind" 2)" "$(ratio "$speed" "$(column "endpoint-$form" 2)")" "$of_kcat" "$(milliseconds "$(column "$kind" 3)")" "$(milliseconds "$(column "$kind" 4)")" \
    "$(column "$kind" 5)" "$(column "$kind" 6)" "$(column "$kind" 7)" "$(column "$kind" 8)"
done
printf '\nMemory at its highest: producer %s MB, gateway %s MB, empty endpoint %s MB.\n\n' "$(peak_of "$producer")" "$(peak_of "$gateway")" "$(peak_of "$endpoint")"
