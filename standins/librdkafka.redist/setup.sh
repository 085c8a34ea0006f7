# shellcheck shell=bash
# The native half of Confluent.Kafka, built once where the package feed lacks it. Sourced by setup/setup.sh, whose
# cache, say, give_up and install_packages it uses; says nothing where the feed has it.

native_home=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
native_client=$cache/librdkafka-2.15.1/librdkafka.so

setup_native_client() {
  local feed=$native_home/../../.feed.props
  [ -e "$feed" ] || dotnet msbuild "$native_home/../FeedProbe.targets" -t:ProbeFeed -nologo -v:q
  if grep -q 'NativeClientOnFeed.*>false<' "$feed" 2> /dev/null && [ ! -e "$native_client" ]; then
    build_native_client
  fi
}

# The npm package carries librdkafka's source; its node bindings are not needed.
build_native_client() {
  local missing=() package
  command -v npm > /dev/null || missing+=(npm)
  for package in g++ make libssl-dev zlib1g-dev libsasl2-dev libzstd-dev libcurl4-openssl-dev liblz4-dev; do
    dpkg -s "$package" > /dev/null 2>&1 || missing+=("$package")
  done
  [ ${#missing[@]} = 0 ] || install_packages "${missing[@]}"

  say "builds librdkafka 2.15.1 from the npm package @confluentinc/kafka-javascript (a minute or two)"
  local new
  mkdir -p "$cache"
  new=$(mktemp -d "$cache/librdkafka.XXXXXX")
  cp "$native_home/package.json" "$native_home/package-lock.json" "$new"
  if ! (
    cd "$new" && npm ci --ignore-scripts --no-audit --no-fund &&
      cd node_modules/@confluentinc/kafka-javascript/deps/librdkafka &&
      ./configure && make -j "$(nproc)" -C src librdkafka.so.1
  ) > "$new/build.log" 2>&1; then
    tail -n 5 "$new/build.log" >&2
    give_up "librdkafka could not be built (all of it: $new/build.log)"
  fi

  # Whole or not there, whoever else builds it at the same time.
  mkdir -p "${native_client%/*}"
  mv "$new/node_modules/@confluentinc/kafka-javascript/deps/librdkafka/src/librdkafka.so.1" "$new/librdkafka.so"
  mv "$new/librdkafka.so" "$native_client"
  rm -rf "$new"
}
