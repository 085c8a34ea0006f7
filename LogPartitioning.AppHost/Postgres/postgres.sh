#!/bin/sh
# Runs one PostgreSQL on loopback, creating its cluster and the database "logs" first where there is none.
# usage: postgres.sh BIN FOLDER PORT CONNECTIONS [SECONDS]    FOLDER/password holds the password; FOLDER/cluster becomes the data directory;
#        a server of an earlier run has so many seconds to end
set -eu
bin=$1 folder=$2 port=$3 connections=$4 patience=${5:-30}
cluster=$folder/cluster

# The server takes defaults from the variables of its clients (PGPORT, PGCLIENTENCODING, PGDATESTYLE), and does not start with a
# locale that this machine lacks.
for name in $(env | sed -n 's/^\(PG[A-Z_]*\)=.*/\1/p'); do unset "$name"; done
export LC_ALL=C
umask 077

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

give_up() {
  echo "postgres.sh: $1" >&2
  exit 1
}

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

# Gives the server of an earlier run time to shut down. Each of its processes inherits the lock on the data directory, so it is free
# when the last one has ended, whoever runs it and whatever its number is where this script runs (a container has numbers of its own).
wait_for_earlier_server() {
  flock --timeout "$patience" 9 || give_up "a server of an earlier run still uses $cluster after $patience s: stop it first"
  [ -f "$cluster/postmaster.pid" ] || return 0
  pid=$(head -n 1 "$cluster/postmaster.pid")
  # A number that nobody has now: the server itself sees that the file is stale.
  [ -d "/proc/$pid" ] || return 0
  # Somebody else's number by now, unless a server runs there that was started by hand. Its directory cannot always be seen: not
  # without the right to look at other users' processes, which root lacks in a container. Its name can.
  if [ "/proc/$pid/cwd" -ef "$cluster" ] ||
    { ! readlink "/proc/$pid/cwd" > /dev/null && [ "$(cat "/proc/$pid/comm")" = postgres ]; } 2> /dev/null; then
    give_up "process $pid is a server on $cluster, says its postmaster.pid: stop it first, or delete that file if you know better"
  fi
  rm -f "$cluster/postmaster.pid"
}

[ -d "$cluster" ] || create
open_data "$cluster"
wait_for_earlier_server
cd /

# SIGTERM would make PostgreSQL wait for its clients to go; SIGINT ends their sessions and shuts down cleanly.
trap 'kill -INT $server' TERM INT
# On the command line, which wins over what somebody wrote into the server's own files: what the safety of stored events rests on, too.
$run "$bin/postgres" -D $data -p "$port" \
  -c fsync=on -c full_page_writes=on -c synchronous_commit=on \
  -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections="$connections" \
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
