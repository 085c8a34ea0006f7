# shellcheck shell=bash
# The volumes in which the Containers mode keeps its data. Sourced by run.sh.

volume_names='log-partitioning-(kafka-[1-3]|postgres|prometheus)'

# Deletes those volumes and says which. Without a container runtime there is nothing to do. Fails where one does not answer,
# so that its volumes cannot be seen, or where a container, running or not, uses one of them; then it deletes none.
delete_volumes() {
  local runtime known found failed=0
  for runtime in ${ASPIRE_CONTAINER_RUNTIME:-docker podman}; do
    command -v "$runtime" > /dev/null || continue
    if ! known=$(timeout 10 "$runtime" volume ls --quiet 2> /dev/null); then
      failed=1
      continue
    fi

    mapfile -t found < <(grep -x -E "$volume_names" <<< "$known")
    [ ${#found[@]} -gt 0 ] || continue
    # Asked first, because "volume rm" deletes those that it can.
    if [ -z "$("$runtime" ps --all --quiet "${found[@]/#/--filter=volume=}")" ] && "$runtime" volume rm "${found[@]}" > /dev/null; then
      echo "deleted the volumes ${found[*]}"
    else
      failed=1
    fi
  done
  return $failed
}
