#!/usr/bin/env bash
# Sends events to a running application and audits what became of them; without arguments 10,000 events from 8 sources.
[ -n "${BASH_VERSION:-}" ] || exec bash "$0" "$@"
set -euo pipefail
unset CDPATH
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
source "$here/setup/setup.sh"
setup_dotnet
dotnet build "$here/LogPartitioning.LoadTest" -c Release -v q -nologo -clp:NoSummary
exec dotnet "$here/LogPartitioning.LoadTest/bin/Release/net10.0/LogPartitioning.LoadTest.dll" "$@"
