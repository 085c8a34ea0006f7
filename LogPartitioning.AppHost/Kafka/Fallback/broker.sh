#!/bin/sh
# Runs one old broker. When the application is gone, the broker is ended for good: told to stop without its ZooKeeper, it
# would wait for that for ever.
# usage: broker.sh JAVA ARGUMENT...
set -u
parent=$PPID
broker=$$
(
  seconds_left=20
  while kill -0 $broker 2> /dev/null; do
    kill -0 $parent 2> /dev/null || seconds_left=$((seconds_left - 1))
    [ $seconds_left -gt 0 ] || kill -KILL $broker 2> /dev/null
    sleep 1
  done
) < /dev/null > /dev/null 2>&1 &
exec "$@"
