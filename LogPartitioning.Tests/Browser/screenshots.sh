#!/usr/bin/env bash
# Takes the pictures of docs/console.md anew: from the gateway at http://localhost:8080, or the one that is named, while a demo minute runs. Needs Node.js and Chromium.
# usage: LogPartitioning.Tests/Browser/screenshots.sh [http://localhost:8080]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
gateway=${1:-http://localhost:8080}
scripts=$(mktemp -d)
trap 'rm -rf "$scripts"' EXIT
cp LogPartitioning.Tests/Browser/node/* "$scripts"
(cd "$scripts" && npm ci --ignore-scripts --no-audit --no-fund > /dev/null)
./load-test.sh --demo --gateway "$gateway" > "$scripts/demo.txt" 2>&1 &
# Once some of it is there, the windows of the views have something to show.
until [ "$(curl -fsS "$gateway/api/sources?source=demo-checkout" | sed -n 's/.*"events":\([0-9]*\).*/\1/p')" -gt 10000 ]; do sleep 1; done
node "$scripts/screenshots.mjs" "$gateway" "$PWD/docs/images/console"
wait
