# shellcheck shell=bash
# Makes the shell's environment one that the scripts can count on. Sourced by setup.sh, before anything else is done.
#   check_folders FOLDER...    that they, the home and the folder for temporary files may be written; else a line says what to set

# As a script the shell behaves as bash, not as POSIX asks, and its patterns stand for themselves where they match nothing.
unset POSIXLY_CORRECT
set +o posix
shopt -u failglob nullglob nocasematch
# What other programs would take for options of every call.
unset GREP_OPTIONS GREP_COLOR TAR_OPTIONS GZIP BZIP2 XZ_OPT

# Each file that is opened takes the lowest free number: with standard input closed, a program would read what it opened first.
[ -e /dev/fd/0 ] || exec < /dev/null
[ -e /dev/fd/1 ] || exec > /dev/null
[ -e /dev/fd/2 ] || exec 2> /dev/null

# Whatever the mask allows otherwise: nobody else may change what is built, fetched or stored here.
umask go-w

# To MSBuild each variable is a property: these would change what is built, or where it is put.
while read -r name; do
  case ${name,,} in
    configuration | platform | version | versionprefix | versionsuffix | outdir | outputpath | baseoutputpath | \
      intermediateoutputpath | baseintermediateoutputpath | targetframework | targetframeworks | runtimeidentifier | \
      assemblyname | rootnamespace | outputtype | nowarn | repositoryroot) unset "$name" ;;
  esac
done < <(compgen -e)

say() { printf 'set-up: %s\n' "$*" >&2; }

give_up() {
  printf 'set-up: %s\n' "$@" >&2
  exit 1
}

# Whether files can be made in a folder, given by its full path.
is_writable() { [ "${1:0:1}" = / ] && [ -d "$1" ] && [ -w "$1" ] && [ -x "$1" ]; }

# Without the variable bash knows the home from the system, as .NET does.
if [ -z "${HOME:-}" ]; then
  unset HOME
  export HOME=~
fi

check_folders() {
  # .NET, NuGet and the cache live there.
  is_writable "$HOME" || [ -n "${DOTNET_CLI_HOME:-}" ] ||
    give_up "HOME is \"$HOME\", which is no folder that may be written: set HOME to the full path of one"
  [ -z "${TMPDIR:-}" ] || is_writable "$TMPDIR" ||
    give_up "TMPDIR is \"$TMPDIR\", which is no folder that may be written: set TMPDIR to one, or unset it"
  local folder
  for folder; do
    case $folder in
      *[\;%*?:\|\\[:cntrl:]]* | *'@('*)
        give_up "the path of the checkout, $folder, has one of ; % * ? : | \\ @( or a control character, which the build cannot take: move it" ;;
    esac
    is_writable "$folder" || give_up "$folder may not be written, and the build writes there: copy the checkout to a folder that may"
  done
}
