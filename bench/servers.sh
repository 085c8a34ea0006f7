# Servers of a bench's own: on free ports of loopback, with their data in a folder of the bench. To be sourced.

# A port that nobody listens at. Below those that the system gives to whoever asks for any.
free_port() {
  local port
  while port=$((20000 + RANDOM % 12000)) && (: < "/dev/tcp/127.0.0.1/$port") 2> /dev/null; do :; done
  echo "$port"
}

# Runs a program of PostgreSQL as a user that it accepts: it refuses to run as root.
as_postgres() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }

# Where initdb is: POSTGRES_HOME, PATH, or Debian's folder of the newest release.
postgres_bin() {
  local folder
  for folder in ${POSTGRES_HOME:+"$POSTGRES_HOME/bin"} "$(dirname "$(readlink -f "$(command -v initdb || echo /)")")" $(ls -d /usr/lib/postgresql/*/bin 2> /dev/null | sort -rV); do
    [ ! -x "$folder/initdb" ] || { echo "$folder" && return; }
  done
  echo "PostgreSQL is missing: no initdb in POSTGRES_HOME, PATH or /usr/lib/postgresql" >&2
  return 1
}

# Starts PostgreSQL in a folder, with the settings that follow it, and sets postgres_port. stop_postgres FOLDER ends it.
start_postgres() {
  local folder=$1 bin
  shift
  bin=$(postgres_bin)
  mkdir -p "$folder"
  [ "$(id -u)" != 0 ] || chown postgres "$folder"
  (cd "$folder" && as_postgres "$bin/initdb" -D data -A trust -U postgres -E UTF8 --locale=C.UTF-8 --no-sync) > "$folder.log" 2>&1 ||
    { cat "$folder.log" >&2 && return 1; }
  postgres_port=$(free_port)
  local settings=(-p "$postgres_port" -c listen_addresses=127.0.0.1 -c "unix_socket_directories=$folder")
  for setting; do settings+=(-c "$setting"); done
  # In a session of its own: Ctrl+C is for the bench, which then ends it.
  (cd "$folder" && if [ "$(id -u)" = 0 ]; then exec setsid runuser -u postgres -- "$bin/postgres" -D data "${settings[@]}"; else exec setsid "$bin/postgres" -D data "${settings[@]}"; fi) \
    >> "$folder.log" 2>&1 &
  for ((i = 0; i < 300; i++)); do
    ! "$bin/pg_isready" -qh 127.0.0.1 -p "$postgres_port" || return 0
    kill -0 $! 2> /dev/null || { cat "$folder.log" >&2 && return 1; }
    sleep 0.1
  done
  echo "PostgreSQL did not start within 30 s" >&2
  return 1
}

# Without care for its data, which goes with it.
stop_postgres() { (cd "$1" && as_postgres "$(postgres_bin)/pg_ctl" stop -D data -m immediate -s) > /dev/null 2>&1 || true; }

# A class of Kafka, with the jars of KAFKA_HOME.
kafka_class() { java -Xmx512m -cp "$kafka_home/libs/*" "$@"; }

# Starts three brokers in a folder, and sets kafka_servers. stop_kafka FOLDER ends them.
start_kafka() {
  local folder=$1 cluster quorum='' i
  local -a ports controllers
  kafka_home=${KAFKA_HOME:-}
  [ -d "$kafka_home/libs" ] || { echo "Kafka is missing: set KAFKA_HOME to the folder of a release from 3.3" >&2 && return 1; }
  mkdir -p "$folder"
  cluster=$(kafka_class kafka.tools.StorageTool random-uuid 2> /dev/null) || { echo "Kafka in $kafka_home is older than 3.3" >&2 && return 1; }
  for i in 1 2 3; do
    ports[i]=$(free_port) controllers[i]=$(free_port)
    quorum+=,$i@127.0.0.1:${controllers[i]}
  done
  for i in 1 2 3; do
    cat > "$folder/$i.properties" <<TEXT
process.roles=broker,controller
node.id=$i
controller.quorum.voters=${quorum#,}
listeners=PLAINTEXT://127.0.0.1:${ports[i]},CONTROLLER://127.0.0.1:${controllers[i]}
advertised.listeners=PLAINTEXT://127.0.0.1:${ports[i]}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=$folder/$i
offsets.topic.replication.factor=3
transaction.state.log.replication.factor=3
auto.create.topics.enable=false
TEXT
    kafka_class kafka.tools.StorageTool format -t "$cluster" -c "$folder/$i.properties" > "$folder/$i.log" 2>&1 || { cat "$folder/$i.log" >&2 && return 1; }
    setsid java -Xms512m -Xmx512m -cp "$kafka_home/libs/*" kafka.Kafka "$folder/$i.properties" >> "$folder/$i.log" 2>&1 &
    echo $! >> "$folder/processes"
    disown # its end is not news
  done
  kafka_servers=127.0.0.1:${ports[1]},127.0.0.1:${ports[2]},127.0.0.1:${ports[3]}
  for ((i = 0; i < 60; i++)); do
    # All three are there when a topic can have three replicas.
    ! kafka_class org.apache.kafka.tools.TopicCommand --bootstrap-server "$kafka_servers" --create --if-not-exists --topic ready --partitions 1 --replication-factor 3 > /dev/null 2>&1 || return 0
    sleep 0.5
  done
  tail -n 20 "$folder"/*.log >&2
  echo "Kafka did not start within a minute" >&2
  return 1
}

# Without care for their data, which goes with them.
stop_kafka() { [ ! -f "$1/processes" ] || xargs kill -9 < "$1/processes" 2> /dev/null || true; }

# Which release KAFKA_HOME has.
kafka_version() { ls "$kafka_home"/libs/kafka-clients-*.jar | sed 's/.*kafka-clients-\(.*\)\.jar/\1/' | head -n 1; }

# Starts Redis in a folder where it is installed, and sets redis_port. stop_redis FOLDER ends it.
start_redis() {
  command -v redis-server > /dev/null || { echo "without redis-server the services run without live state" >&2 && return 0; }
  mkdir -p "$1"
  redis_port=$(free_port)
  (cd "$1" && exec setsid redis-server --port "$redis_port" --bind 127.0.0.1 --save '' --appendonly no) > "$1.log" 2>&1 &
  echo $! > "$1/process"
  disown
}
stop_redis() { [ ! -f "$1/process" ] || kill -9 "$(cat "$1/process")" 2> /dev/null || true; }
