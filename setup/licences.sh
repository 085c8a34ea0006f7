#!/usr/bin/env bash
# Prints docs/licences.md: the packages that the programs are built from and run with, and the licence of each as the package itself names it.
# usage: setup/licences.sh > docs/licences.md    after a restore
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

packages=$(dotnet nuget locals global-packages --list --force-english-output | sed 's/^global-packages: //')

# Name and version of each package of a lock file; a line each.
locked() {
  awk -F'"' '/^      "[^"]+": \{$/ { name = $2 } /^        "resolved": / { print name, $4 }' "$@"
}

# The licence that a package names: an SPDX expression, or the address or the file that holds it.
licence() {
  local nuspec=$packages/$1/$2/$1.nuspec
  [ -f "$nuspec" ] || { echo "setup/licences.sh: $nuspec is missing: dotnet restore LogPartitioning.sln" >&2; return 1; }
  sed -n -e 's:.*<license type="expression">\([^<]*\)</license>.*:\1:p' -e 's:.*<license type="file">\([^<]*\)</license>.*:the file `\1` of the package:p' "$nuspec" | head -n 1 | grep . ||
    sed -n 's:.*<licenseUrl>\([^<]*\)</licenseUrl>.*:<\1>:p' "$nuspec" | head -n 1
}

cat <<'TEXT'
# Licences

LogPartitioning's own is in [LICENSE](../LICENSE). These are the NuGet packages that its programs are built from and run with, and the licence that
each names; `setup/licences.sh` writes this page from the lock files. What only the tests use is left out.

| package | version | licence |
|---|---|---|
TEXT
locked LogPartitioning.{AppHost,Producer}/packages.standins.lock.json LogPartitioning.{Consumer,Gateway,LoadTest}/packages.lock.json | sort -uf | while read -r name version; do
  echo "| $name | $version | $(licence "${name,,}" "${version,,}") |"
done
