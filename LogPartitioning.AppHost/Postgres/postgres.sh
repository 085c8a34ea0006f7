#!/bin/sh
# Runs one PostgreSQL on loopback, creating its cluster and the database "logs" first where there is none.
# usage: postgres.sh BIN FOLDER PORT    FOLDER/password holds the password; FOLDER/cluster becomes the data directory
set -eu
bin=$1 folder=$2 port=$3
cluster=$folder/cluster

# PostgreSQL refuses to run as root. When this script dies, --pdeathsig shuts it down fast, its children with it.
if [ "$(id -u)" = 0 ]; then
  run="setpriv --reuid=postgres --regid=postgres --init-groups --pdeathsig INT"
  give_to_postgres() { chown -R postgres:postgres "$1"; }
else
  run="setpriv --pdeathsig INT"
  give_to_postgres() { :; }
fi

# The user postgres may not be allowed to pass through the folders above (a clone in a private home, say),
# so it gets the data directory as an open file.
open_data() { exec 9< "$1"; data=/proc/self/fd/9; }

create() {
  new=$folder/cluster.new
  rm -rf "$new"
  mkdir -m 700 "$new"
  give_to_postgres "$new"
  open_data "$new"
  cd /
  $run "$bin/initdb" -D $data -U postgres -E UTF8 --no-locale -A trust --no-instructions
  # Nothing can connect meanwhile: a single-user backend has no socket.
  printf "ALTER USER postgres PASSWORD '%s';\nCREATE DATABASE logs;\n" "$(cat "$folder/password")" |
    $run "$bin/postgres" --single -D $data -c password_encryption=scram-sha-256 postgres
  printf 'host all all 127.0.0.1/32 scram-sha-256\n' > "$new/pg_hba.conf"
  mv "$new" "$cluster"
  echo "created the database cluster in $cluster"
}

# Gives the server of an earlier run 30 s to shut down. A pid file left by a crash, whose number by now
# belongs to another process, is removed.
wait_for_earlier_server() {
  [ -f "$cluster/postmaster.pid" ] || return 0
  pid=$(head -n 1 "$cluster/postmaster.pid")
  tries=150
  while [ "/proc/$pid/cwd" -ef "$cluster" ] && [ $tries -gt 0 ]; do
    sleep 0.2
    tries=$((tries - 1))
  done
  [ "/proc/$pid/cwd" -ef "$cluster" ] || rm -f "$cluster/postmaster.pid"
}

umask 077
[ -d "$cluster" ] || create
wait_for_earlier_server
open_data "$cluster"
cd /

# SIGTERM would make PostgreSQL wait for its clients to go; SIGINT ends their sessions and shuts down cleanly.
trap 'kill -INT $server' TERM INT
$run "$bin/postgres" -D $data -p "$port" \
  -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=300 \
  -c shared_buffers=256MB -c max_wal_size=2GB -c log_line_prefix='%m [%p] ' &
server=$!
code=0
wait $server || code=$?
# A signal that was passed on ends the first wait; the second one brings the server's own exit code.
if kill -0 $server 2> /dev/null; then
  code=0
  wait $server || code=$?
fi
exit $code
