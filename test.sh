#!/usr/bin/env bash
# Runs the tests. ./test.sh --help tells more.
[ -n "${BASH_VERSION:-}" ] || exec bash "$0" "$@"
set -euo pipefail
unset CDPATH
cd -- "$(dirname -- "${BASH_SOURCE[0]}")"
source setup/setup.sh

usage() {
  cat <<'TEXT'
usage: ./test.sh              set up what is missing, build, check the format, and run all tests but the long fault scenarios
       ./test.sh quick        run the tests that start no server and take no more than two seconds each
       ./test.sh faults       run the fault scenarios
       ./test.sh brokers      run the tests that depend on the brokers, to try another Kafka: KAFKA_HOME=… ./test.sh brokers
       ./test.sh containers   run the tests that need a Docker engine; as root, where dockerd is installed
       ./test.sh only TEXT    run the tests whose full name contains TEXT
       ./test.sh --help

The last lines name what failed and say: N passed, N failed, N skipped. With CI=true a missing server fails its tests; elsewhere they are skipped.
TEXT
}

case "$#:${1:-}" in
  0:) filter='Category!=Faults' ;;
  1:quick) filter='Category!=Slow' ;;
  1:faults) filter='Category=Faults' ;;
  1:brokers) filter='Category=Brokers&Category!=Faults' ;;
  1:containers) filter='Category=Containers' ;;
  2:only) filter="FullyQualifiedName~$2" ;;
  1:-h | 1:--help)
    usage
    exit ;;
  *)
    printf './test.sh: unknown argument: %s\n\n' "$*" >&2
    usage >&2
    exit 2 ;;
esac

setup_dotnet
[ "${1:-}" = quick ] || setup_servers
# Elsewhere the tests that look at pages are skipped without one: it is large.
[ "${1:-}" = quick ] || [ "${CI:-}" != true ] || setup_browser

echo "building" >&2
dotnet build LogPartitioning.sln -c Release -v q -nologo -clp:NoSummary

# With a part of the tests somebody is in the middle of a change.
if [ $# = 0 ]; then
  echo "checking the format" >&2
  if ! dotnet format whitespace LogPartitioning.sln --no-restore --verify-no-changes >&2 ||
    ! dotnet format style LogPartitioning.sln --no-restore --verify-no-changes >&2; then
    echo "./test.sh: the files named above are not formatted as .editorconfig says. Run: dotnet format LogPartitioning.sln" >&2
    exit 1
  fi
fi

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
code=0
# A test that hangs is ended and named instead of eating the time of all others.
dotnet test LogPartitioning.Tests -c Release --no-build --nologo --filter "$filter" \
  --logger 'console;verbosity=normal' --logger 'trx;LogFileName=tests.trx' --results-directory "$results" \
  --blame-hang-timeout 15min --blame-hang-dump-type none || code=$?

# Says again at the end, where a reader looks first, which tests failed and with what.
name_failed() {
  awk '/<UnitTestResult .*outcome="Failed"/ { sub(/.* testName="/, ""); sub(/".*/, ""); print "failed: " $0; within = 1 }
       within && /<Message>/ { message = 1; lines = 0 }
       message && lines++ < 12 { text = $0; gsub(/^ *<Message>|<\/Message>/, "", text); print "  " text }
       /<\/Message>/ { message = 0; within = 0 }' "$results"/tests.trx 2> /dev/null |
    sed 's/&lt;/</g; s/&gt;/>/g; s/&quot;/"/g; s/&#xD;//g; s/&amp;/\&/g'
}
name_failed

count() { sed -n "s/.*<Counters.* $1=\"\([0-9]*\)\".*/\1/p" "$results"/tests.trx 2> /dev/null | head -n 1; }
total=$(count total) executed=$(count executed) passed=$(count passed)
total=${total:-0} executed=${executed:-0} passed=${passed:-0}
failed=$((executed - passed))
# A run that broke off has no counts, or counts that hide what it did not get to.
if [ $code != 0 ] && [ $failed = 0 ]; then failed=1; fi
echo "$passed passed, $failed failed, $((total - executed)) skipped"
if [ "$passed" = 0 ] && [ $code = 0 ]; then
  echo "./test.sh: no test ran" >&2
  code=1
fi
exit $code
