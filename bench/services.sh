# Services of the system, as they come, on the servers of servers.sh; $folder holds their logs. To be sourced after measure.sh.
# What they need of the servers: kafka_servers, postgres_port, and redis_port where there is a Redis.

topic=events
services=() # the processes to end

sql() { "$(postgres_bin)/psql" -h 127.0.0.1 -p "$postgres_port" -U postgres -XqAt -v ON_ERROR_STOP=1 -d "$1" "${@:2}"; }

# Starts a service and sets service_process and service_url: start_service Consumer DATABASE [NAME=VALUE ...]
start_service() {
  local name=$1 database=$2
  service_url=http://127.0.0.1:$(free_port)
  env DOTNET_ENVIRONMENT=Production DOTNET_hostBuilder__reloadConfigOnChange=false ASPNETCORE_URLS="$service_url" \
    ConnectionStrings__kafka="$kafka_servers" ConnectionStrings__logs="Host=127.0.0.1;Port=$postgres_port;Username=postgres;Database=$database" \
    ConnectionStrings__redis="127.0.0.1:${redis_port:-$(free_port)},abortConnect=false" \
    Kafka__Topic=$topic Kafka__DeadLetterTopic=$topic.dlq Kafka__Group="$database" "${@:3}" \
    setsid dotnet "LogPartitioning.$name/bin/Release/net10.0/LogPartitioning.$name.dll" > "$folder/${name,,}.log" 2>&1 &
  service_process=$!
  services+=("$service_process")
  disown
}

# Waits until a service answers at a path: await_service PATH.
await_service() {
  local i
  for ((i = 0; i < 600; i++)); do
    ! curl -fso /dev/null --max-time 5 "$service_url$1" || return 0
    kill -0 "$service_process" 2> /dev/null || { tail -n 20 "$folder"/*.log >&2 && return 1; }
    sleep 0.1
  done
  say "a service does not answer at $service_url$1 within a minute"
  tail -n 20 "$folder"/*.log >&2
  return 1
}

# Ends a service and waits for its end: end_service PROCESS [SIGNAL].
end_service() {
  local i
  kill "-${2:-TERM}" "$1" 2> /dev/null || return 0
  for ((i = 0; i < 450; i++)); do
    kill -0 "$1" 2> /dev/null || return 0
    sleep 0.1
  done
  kill -9 "$1" 2> /dev/null || true
}

# Starts the servers of a part, which end with it however it ends.
start_all() {
  trap end_all EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  start_postgres "$folder/postgres" max_wal_size=4GB
  start_kafka "$folder/kafka"
  start_redis "$folder/redis"
}

# What is left of services and servers, at the end of a part.
end_all() {
  local process
  for process in "${services[@]}"; do kill -9 "$process" 2> /dev/null || true; done
  stop_kafka "$folder/kafka"
  stop_postgres "$folder/postgres"
  stop_redis "$folder/redis"
}

# Fills a topic with events: fill TOPIC EVENTS [schema]
fill() { dotnet "$benchmarks" fill "$kafka_servers" "$@"; }

# How many events of a group are stored.
position() { sql "$1" -c "SELECT coalesce(sum(next_offset), 0) FROM consumer_offsets WHERE topic = '$topic'" 2> /dev/null || echo 0; }

# Lets consumer instances store the $events events of $topic in a new database: run_consumers DATABASE INSTANCES [NAME=VALUE ...]
# Sets took (ms), stored, cpu (of the instances, hundredths of a second), server_cpu (of PostgreSQL) and memory (MB, of all instances), from the first
# batch on: the start of a program and of a group is another question.
run_consumers() {
  local database=$1 instances=$2 began ended cpu_before server_before stored_before i
  local -a consumers=()
  sql postgres -c "CREATE DATABASE $database"
  for ((i = 1; i <= instances; i++)); do
    start_service Consumer "$database" Consumer__Instance="bench-$i" "${@:3}"
    consumers+=("$service_process")
  done
  began=
  for ((i = 0; i < 4800; i++)); do
    stored=$(position "$database")
    if [ -z "$began" ] && [ "$stored" -gt 0 ]; then
      began=$(now) stored_before=$stored cpu_before=$(cpu_of "${consumers[@]}") server_before=$(cpu_of_postgres)
    fi
    [ "$stored" -lt "$events" ] || break
    kill -0 "${consumers[@]}" 2> /dev/null || { tail -n 20 "$folder/consumer.log" >&2 && return 1; }
    [ $((i % 40)) != 39 ] || say "  $stored of $events events stored"
    sleep 0.25
  done
  [ "$stored" -ge "$events" ] || { say "the consumer has stored $stored of $events events after twenty minutes" && return 1; }
  ended=$(now)
  took=$(((ended - began) / 1000000)) stored=$((stored - stored_before))
  [ "$stored" -gt 0 ] || { say "too few events: all were stored between two looks" && return 1; }
  cpu=$(($(cpu_of "${consumers[@]}") - cpu_before)) server_cpu=$(($(cpu_of_postgres) - server_before)) memory=0
  for i in "${consumers[@]}"; do memory=$((memory + $(peak_of "$i"))); done
  [ "$(sql "$database" -c 'SELECT count(*) FROM log_events')" = "$events" ] || { say "not every event is stored once" && return 1; }
  for i in "${consumers[@]}"; do end_service "$i"; done
}
drop_database() { sql postgres -c "DROP DATABASE $1 WITH (FORCE)"; }

versions() { printf 'Kafka %s, three brokers, 12 partitions with 3 replicas; PostgreSQL %s as it comes but for max_wal_size' "$(kafka_version)" "$(sql postgres -c 'SHOW server_version' | cut -d ' ' -f 1)"; }
