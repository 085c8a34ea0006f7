#!/usr/bin/env bash
# Gives every reader of bodies, queries, records, states and key files mutated inputs, in process and without servers.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

inputs=10000000 seconds=86400 seed=$(date +%s) logs=''
replay=()
usage() {
  cat <<TEXT
usage: bench/fuzz.sh [--inputs N] [--seconds N] [--seed S] [--logs FOLDER]
       bench/fuzz.sh --replay READER VARIANT BASE64

  --inputs N     inputs to try ($inputs)
  --seconds N    end after so long, with the inputs that were tried by then
  --seed S       a whole number that fixes the inputs; without it the time is one
  --logs FOLDER  a folder with files *.log of real systems, whose lines are inputs to begin with
  --replay       one input again, as a finding names it

Shows its progress every few seconds, then the figures, a line for each reader, and each finding with its input. Ends with 0 when nothing was
found, with 1 when something was, and with 2 where it was called wrongly. It builds the tests first, and runs on one core.
TEXT
}

number() { case $2 in '' | *[!0-9]*) printf 'bench/fuzz.sh: %s needs a whole number, not "%s"\n' "$1" "$2" >&2 && exit 2 ;; esac; }
while [ $# -gt 0 ]; do
  case $1 in
    --inputs) number "$1" "${2:-}" && inputs=$2 && shift ;;
    --seconds) number "$1" "${2:-}" && seconds=$2 && shift ;;
    --seed) number "$1" "${2:-}" && seed=$2 && shift ;;
    --logs)
      [ -d "${2:-}" ] || { printf 'bench/fuzz.sh: --logs needs a folder, not "%s"\n' "${2:-}" >&2 && exit 2; }
      logs=$(cd "$2" && pwd) && shift ;;
    --replay)
      [ $# -ge 4 ] || { printf 'bench/fuzz.sh: --replay needs a reader, a variant and the input\n' >&2 && exit 2; }
      number "$1" "$3" && replay=("$2" "$3" "$4") && shift 3 ;;
    -h | --help) usage && exit ;;
    *) printf 'bench/fuzz.sh: unknown argument %s\n\n' "$1" >&2 && usage >&2 && exit 2 ;;
  esac
  shift
done

dotnet build LogPartitioning.Tests -c Release -v q -nologo -clp:NoSummary >&2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export FUZZ_INPUTS=$inputs FUZZ_SECONDS=$seconds FUZZ_SEED=$((seed % 2147483647)) FUZZ_SEEDS=$logs FUZZ_PROGRESS=$work/progress
test=No_input_breaks_a_reader
if [ ${#replay[@]} -gt 0 ]; then
  test=The_input_that_is_named_again
  export FUZZ_READER=${replay[0]} FUZZ_VARIANT=${replay[1]} FUZZ_INPUT=${replay[2]}
fi

: > "$FUZZ_PROGRESS"
dotnet test LogPartitioning.Tests -c Release --no-build --nologo --filter "FullyQualifiedName~ReaderFuzzTests.$test" > "$work/test.log" 2>&1 &
test=$!
tail -n +1 -f --pid=$test "$FUZZ_PROGRESS"
code=0
wait $test || code=1
grep -q '^Passed!\|^Failed!' "$work/test.log" || { cat "$work/test.log" >&2 && code=1; }
exit $code
