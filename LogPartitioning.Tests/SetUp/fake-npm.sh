#!/bin/sh
# An npm that does what the file beside it says.
. "$0.commands"
