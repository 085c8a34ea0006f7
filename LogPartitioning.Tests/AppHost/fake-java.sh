#!/bin/sh
# A Java that knows only its version: what the file beside it says.
read -r version < "$0.version" || :
echo "openjdk version \"$version\" 2025-04-15" >&2
