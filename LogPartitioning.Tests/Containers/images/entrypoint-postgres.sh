#!/bin/sh
# What the postgres image does with POSTGRES_USER, _PASSWORD, _HOST_AUTH_METHOD and _INITDB_ARGS at the first start.
set -eu
if [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA"
  chown -R postgres:postgres /var/lib/postgresql
  exec /usr/bin/setpriv --reuid=postgres --regid=postgres --clear-groups -- "$0" "$@"
fi

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  : "${POSTGRES_PASSWORD:?is not set}"
  echo "$POSTGRES_PASSWORD" > /tmp/password
  chmod 600 /tmp/password
  # shellcheck disable=SC2086 # several arguments
  initdb --username="${POSTGRES_USER:-postgres}" --pwfile=/tmp/password --locale=C.UTF-8 ${POSTGRES_INITDB_ARGS:-}
  rm /tmp/password
  echo "host all all all ${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}" >> "$PGDATA/pg_hba.conf"
  echo "listen_addresses = '*'" >> "$PGDATA/postgresql.conf"
fi

# A smart shutdown, which SIGTERM asks for, would wait for every client. The real image has Docker send SIGINT: a fast one.
"$@" &
server=$!
trap 'kill -INT $server' TERM INT
wait $server || wait $server
