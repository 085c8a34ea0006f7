# shellcheck shell=bash
# What the machine lacks and a run needs, installed once. Sourced by run.sh, test.sh and load-test.sh; says nothing
# when nothing is missing.
#   setup_dotnet     the .NET SDK, which must be there
#   setup_servers    PostgreSQL, Redis, Prometheus, Java and Apache Kafka
#   setup_browser    Chromium, which the tests look at the console with
#   container_runtime_answers    whether they can be containers instead

unset CDPATH # with it cd may go elsewhere, and says where
setup_home=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=setup/environment.sh
source "$setup_home/environment.sh"
cache=${XDG_CACHE_HOME:-$HOME/.cache}/logpartitioning
# shellcheck source=setup/kafka/fetch.sh
source "$setup_home/kafka/fetch.sh"

# Whether a pattern matches a file. Not "compgen -G", which takes brackets of the folder's own name for a pattern.
exists() { [ -e "$1" ]; }

setup_dotnet() {
  check_folders "${setup_home%/*}"
  command -v dotnet > /dev/null ||
    give_up "the .NET 10 SDK is missing: no dotnet on the PATH. It comes from https://dotnet.microsoft.com/download/dotnet/10.0"
  # global.json names the version, so this fails where only an older SDK is installed.
  local reason
  reason=$(cd "$setup_home/.." && dotnet --version 2>&1 > /dev/null) ||
    give_up "the .NET 10 SDK is missing: dotnet is there, but no SDK that global.json accepts." \
      "installed: $(dotnet --list-sdks 2> /dev/null | tr '\n' ' ')" "dotnet says: ${reason%%$'\n'*}"
  # The programs that the build makes look for the runtime there, and not on the PATH.
  if [ -z "${DOTNET_ROOT:-}" ]; then
    local root
    root=$(dirname -- "$(readlink -f -- "$(command -v dotnet)")")
    if [ -d "$root/shared" ]; then export DOTNET_ROOT=$root; fi
  fi
}

setup_servers() {
  local missing=()
  { [ -n "${POSTGRES_HOME:-}" ] || has_postgres; } || missing+=(postgresql)
  command -v redis-server > /dev/null || missing+=(redis-server)
  command -v prometheus > /dev/null || missing+=(prometheus)
  if [ -z "${JAVA_HOME:-}" ]; then
    if ! command -v java > /dev/null; then
      missing+=(openjdk-17-jre-headless)
    elif java_is_old; then
      say "Java $(java_version) is too old for Kafka 4, which needs 17"
      exists /usr/lib/jvm/java-17-openjdk-*/bin/java || missing+=(openjdk-17-jre-headless)
    fi
  fi

  [ ${#missing[@]} = 0 ] || install_packages "${missing[@]}"
  if [ -z "${JAVA_HOME:-}" ] && java_is_old; then
    say "Java $(java_version) is still the default: set JAVA_HOME to a newer one, a folder in /usr/lib/jvm"
  fi
  setup_kafka
}

setup_browser() {
  command -v chromium > /dev/null || install_packages chromium
}

# The major version of java on the PATH: 8 for 1.8.0_392, 17 for 17.0.15; nothing where it cannot be told.
java_version() {
  { java -version 2>&1 || true; } | sed -n 's/.* version "\(1\.\)\{0,1\}\([0-9]\{1,\}\).*/\2/p' | head -n 1
}

java_is_old() {
  local version
  version=$(java_version)
  [ "${version:-17}" -lt 17 ]
}

# The same question that the AppHost asks for the mode Auto.
container_runtime_answers() {
  local runtime
  for runtime in ${ASPIRE_CONTAINER_RUNTIME:-docker podman}; do
    command -v "$runtime" > /dev/null && timeout 5 "$runtime" ps --quiet > /dev/null 2>&1 && return
  done
  return 1
}

has_postgres() {
  command -v initdb > /dev/null || exists /usr/lib/postgresql/*/bin/initdb
}

# Debian packages, without starting the services that some of them bring: a run starts servers of its own.
install_packages() {
  local by_hand="install them by hand: $*"
  command -v apt-get > /dev/null ||
    give_up "this is not a Debian system, and these are missing: $*" \
      "install PostgreSQL's server, redis-server, a Java 17 runtime, curl and (for the metrics) Prometheus the way this system does it," \
      "or run with containers, or with servers of your own (Infrastructure__Mode=External)"
  local root=()
  if [ "$(id -u)" != 0 ]; then
    command -v sudo > /dev/null ||
      give_up "these Debian packages are missing, and installing them needs root or sudo: $*" "as root: apt-get install --no-install-recommends $*"
    root=(sudo)
  fi

  say "installs Debian packages: $*"
  local log policy=
  log=$(mktemp)
  if [ ! -e /usr/sbin/policy-rc.d ]; then
    policy=/usr/sbin/policy-rc.d
    printf '#!/bin/sh\nexit 101\n' | "${root[@]}" tee "$policy" > /dev/null
    "${root[@]}" chmod +x "$policy"
    # shellcheck disable=SC2064 # the values of now
    trap "${root[*]} rm -f $policy" EXIT
  fi

  local apt=("${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -y -q --no-install-recommends -o DPkg::Lock::Timeout=300)
  # The package lists may be old or absent: fetch them when the first try fails.
  if ! (umask 022 && "${apt[@]}" install "$@" || { "${apt[@]}" update && "${apt[@]}" install "$@"; }) > "$log" 2>&1; then
    grep -E '^(E|Err|W):' "$log" | tail -n 5 >&2 || tail -n 5 "$log" >&2
    give_up "the Debian packages could not be installed (all of it: $log); $by_hand"
  fi

  rm -f "$log"
  if [ -n "$policy" ]; then
    "${root[@]}" rm -f "$policy"
    trap - EXIT
  fi
}
