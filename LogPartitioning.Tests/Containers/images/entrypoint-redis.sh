#!/bin/sh
# As the redis image: options alone are redis-server's, which does not run as root.
set -eu
case ${1:-} in -* | *.conf) set -- redis-server "$@" ;; esac
if [ "$1" = redis-server ] && [ "$(id -u)" = 0 ]; then
  chown redis:redis .
  exec /usr/bin/setpriv --reuid=redis --regid=redis --clear-groups -- "$@"
fi

exec "$@"
