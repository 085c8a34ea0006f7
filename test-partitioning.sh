#!/usr/bin/env bash
# Checks a running system as an operator would, through the gateway: consumer health, assignment, the distribution of many
# sources, mapping, lag, a hot source, and an audit. A line each with its figures; ends with 1 if one is off.
#   ./test-partitioning.sh [--no-hot] [--gateway http://127.0.0.1:8080]      all options: --help
[ -n "${BASH_VERSION:-}" ] || exec bash "$0" "$@"
set -euo pipefail
exec "$(dirname -- "${BASH_SOURCE[0]}")/load-test.sh" check-partitioning "$@"
