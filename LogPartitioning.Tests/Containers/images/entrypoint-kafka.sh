#!/bin/sh
# KAFKA_X_Y becomes x.y in server.properties (__ a dash turned underscore, ___ a dash), as in cp-kafka; then format and run.
set -eu
: "${CLUSTER_ID:?is not set}"
for refused in KAFKA_HOST KAFKA_PORT; do
  if printenv "$refused" > /dev/null; then
    echo "$refused is deprecated" >&2
    exit 1
  fi
done

properties=/etc/kafka/server.properties
env | grep '^KAFKA_' | grep -v -E '^KAFKA_(HEAP_OPTS|OPTS|JMX_OPTS|JVM_PERFORMANCE_OPTS|LOG4J_[A-Z_]*|VERSION)=' | while IFS='=' read -r name value; do
  name=$(echo "${name#KAFKA_}" | sed 's/___/-/g; s/__/\v/g; s/_/./g; s/\v/_/g' | tr '[:upper:]' '[:lower:]')
  echo "$name=$value"
done > $properties

kafka() {
  # shellcheck disable=SC2086 # several options each
  exec java ${KAFKA_HEAP_OPTS:-} ${KAFKA_JVM_PERFORMANCE_OPTS:--XX:+UseSerialGC -XX:TieredStopAtLevel=1} \
    -Dlog4j2.configurationFile=/opt/kafka/log4j2.properties -cp '/opt/kafka/libs/*' "$@"
}

(kafka kafka.tools.StorageTool format --ignore-formatted -t "$CLUSTER_ID" -c $properties)
kafka kafka.Kafka $properties
