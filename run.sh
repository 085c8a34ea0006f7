#!/usr/bin/env bash
# Starts the whole application. ./run.sh --help tells more.
[ -n "${BASH_VERSION:-}" ] || exec bash "$0" "$@"
set -euo pipefail
unset CDPATH
cd -- "$(dirname -- "${BASH_SOURCE[0]}")"
source setup/setup.sh

usage() {
  cat <<'TEXT'
usage: ./run.sh [--Setting=value ...]   set up what is missing, build, and run until Ctrl+C
       ./run.sh --check                 check the settings and what is installed, and start nothing
       ./run.sh new-key                 make a key for ApiKeys, and its SHA-256
       ./run.sh clean                   delete what runs left behind: .data/ and the volumes log-partitioning-*
       ./run.sh --help

Settings, also as environment variables with __ for each colon (Ports__Gateway=8081):
  --Infrastructure:Mode=Auto|Containers|Processes|External   where the servers come from (Auto)
  --ConsumerReplicas=N        consumer instances, 1 to 100 (3)
  --Ports:Gateway=N           the gateway's port (8080); also Kafka Postgres Redis Prometheus Grafana
  --Restart:Enabled=false     leave a crashed service down
  --StoreOwnLogs=true         store the services' own logs in the system, too
  --ResourceLogs=true         write the output of every resource to the console, too
  --ConnectionStrings:NAME=…  for External: kafka, logs and redis
  --ApiKeys:File=PATH         who may do what, with a key; see docs/security.md
  --Kestrel:Endpoints:NAME:…  where the gateway listens beside loopback, with which certificate; see docs/security.md
  --Consumer:Concurrency=N    and other settings of the services: Kafka Producer Consumer Gateway Partitioning Lag Scaling Store
KAFKA_HOME names an Apache Kafka distribution, JAVA_HOME a Java, POSTGRES_HOME a PostgreSQL to use instead of what is found;
LOGPARTITIONING_KAFKA_MIRROR names a place to fetch Apache Kafka from instead of Apache's (https://mirror.example/apache).
TEXT
}

refuse() {
  printf './run.sh: %s\n\n' "$1" >&2
  usage >&2
  exit 2
}

# Whether nobody holds a lock. One that cannot be opened is another user's, which shows when it is deleted.
#   is_free SECONDS FILE    so long a lock may take to become free
is_free() {
  [ ! -r "$2" ] || flock --timeout "$1" --conflict-exit-code 75 "$2" true || [ $? != 75 ]
}

clean() {
  # A running AppHost holds the first lock. The second one is PostgreSQL's, which ends a little after an AppHost that was killed.
  is_free 0 .data/lock && is_free 30 .data/postgres/cluster || {
    echo "./run.sh clean: the application is running on .data/; stop it first" >&2
    exit 1
  }

  # Where the Containers mode was used, its volumes and the password in .data/ belong together: both go or both stay.
  source setup/volumes.sh
  if ! delete_volumes && [ -e .data/containers ]; then
    echo "./run.sh clean: the container runtime does not answer, or a container uses a volume log-partitioning-*." \
      "Start the runtime, or remove the container, and try again; nothing was deleted" >&2
    exit 1
  fi

  # A link to a folder elsewhere stays, and what lies there goes.
  if [ -L .data ]; then find .data/ -mindepth 1 -maxdepth 1 -exec rm -rf {} +; else rm -rf .data; fi 2> /dev/null || {
    echo "./run.sh clean: some of .data/ belongs to another user; try: sudo ./run.sh clean" >&2
    exit 1
  }
  echo "deleted .data/"
}

new_key() {
  local key
  key=$(head -c 32 /dev/urandom | od -A n -v -t x1 | tr -d ' \n')
  printf 'key:    %s   (for the client; it is not kept here)\n' "$key"
  printf 'sha256: %s   (for ApiKeys)\n' "$(printf %s "$key" | sha256sum | cut -d ' ' -f 1)"
}

mode=${Infrastructure__Mode:-Auto}
case ${1:-} in
  -h | --help)
    usage
    exit ;;
  new-key)
    [ $# = 1 ] || refuse "new-key takes no arguments"
    new_key
    exit ;;
  clean)
    [ $# = 1 ] || refuse "clean takes no arguments"
    clean
    exit ;;
esac
for argument; do
  case $argument in
    --Infrastructure:Mode=*) mode=${argument#*=} ;;
    --check) ;;
    --ResourceLogs=* | --StoreOwnLogs=* | --ConsumerReplicas=* | --Infrastructure:*=* | --Ports:*=* | --Restart:*=* | --ConnectionStrings:*=* | --Logging:*=*) ;;
    --KAFKA_HOME=*) KAFKA_HOME=${argument#*=} ;;
    --ApiKeys:*=* | --Kestrel:*=* | --Kafka:*=* | --Producer:*=* | --Consumer:*=* | --Gateway:*=* | --Partitioning:*=* | --GroupState:*=* | --Lag:*=* | --Scaling:*=* | --Store:*=* | --Query:*=* | --OwnLogs:*=* | --Audit:*=*) ;;
    *) refuse "unknown argument $argument" ;;
  esac
done

setup_dotnet
case $mode in
  [Cc]ontainers | [Ee]xternal) ;;
  [Aa]uto) container_runtime_answers || setup_servers ;;
  *) setup_servers ;;
esac

echo "building" >&2
dotnet build LogPartitioning.sln -c Release -v q -nologo -clp:NoSummary

# What the launch profile sets; started without it so that signals reach the AppHost itself.
export DOTNET_ENVIRONMENT=${DOTNET_ENVIRONMENT:-Development}
export ASPNETCORE_URLS=${ASPNETCORE_URLS:-http://localhost:15080}
export ASPIRE_ALLOW_UNSECURED_TRANSPORT=${ASPIRE_ALLOW_UNSECURED_TRANSPORT:-true}
export ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL=${ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL:-http://localhost:15081}
export ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL=${ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL:-http://localhost:15082}
exec LogPartitioning.AppHost/bin/Release/net10.0/LogPartitioning.AppHost --contentRoot="$PWD/LogPartitioning.AppHost" "${@/#--check/--CheckOnly=true}"
