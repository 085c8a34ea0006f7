#!/bin/sh
# Stands for dotnet and for the AppHost that it builds: tells how it was called, and in what surroundings.
case ${1:-} in
  --version) echo 10.0.100 ;;
  build) echo "build $*, properties: ${Version-}${PLATFORM-}${OutDir-}" ;;
  *)
    echo "started with $*"
    echo "in $PWD, home $HOME, mask $(umask), posix ${POSIXLY_CORRECT-unset}"
    if [ -e /proc/self/fd/0 ]; then echo "input open"; fi
    ;;
esac
