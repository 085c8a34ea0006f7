#!/usr/bin/env bash
# Builds images for the test of the Containers mode, where no registry can be reached. They carry the names that the
# AppHost asks for, and behave like the real images as far as the AppHost uses them, but they are made of what is installed on
# this machine: Debian's postgresql, redis-server, prometheus and busybox-static, a Java runtime, and the Kafka distribution
# in KAFKA_HOME. For a throwaway daemon only: in a daemon of your own they would hide the real images.
#   DOCKER_HOST=unix:///… build-images.sh kafka=NAME:TAG postgres=NAME:TAG redis=NAME:TAG prometheus=NAME:TAG grafana=NAME:TAG
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/images"

give_up() {
  printf 'build-images.sh: %s\n' "$1" >&2
  exit 1
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A root with a shell, the users of the real images, and an empty list of what else goes in.
begin() {
  root=$work/$1 files=$work/$1.files
  mkdir -p "$root"/{dev,etc,proc,sys,tmp,root,run,var/tmp,usr/bin,usr/sbin,usr/lib,usr/lib64}
  chmod 1777 "$root/tmp" "$root/var/tmp"
  local link
  for link in bin sbin lib lib64; do ln -s "usr/$link" "$root/$link"; done
  cp "$(command -v busybox)" "$root/usr/bin/busybox"
  "$root/usr/bin/busybox" --list | while read -r link; do
    [ "$link" = busybox ] || [ "$link" = setpriv ] || ln -s busybox "$root/usr/bin/$link"
  done
  cat > "$root/etc/passwd" <<'USERS'
root:x:0:0::/root:/bin/sh
grafana:x:472:0::/usr/share/grafana:/bin/sh
postgres:x:999:999::/var/lib/postgresql:/bin/sh
redis:x:998:998::/data:/bin/sh
appuser:x:1000:1000::/home/appuser:/bin/sh
nobody:x:65534:65534::/:/bin/sh
USERS
  sed 's/^\([^:]*\):x:[0-9]*:\([0-9]*\):.*/\1:x:\2:/' "$root/etc/passwd" > "$root/etc/group"
  printf 'passwd: files\ngroup: files\nhosts: files dns\n' > "$root/etc/nsswitch.conf"
  : > "$files"
  program "$(command -v setpriv)"
  # What glibc opens at run time, so that ldd does not name it.
  programs "$(dirname "$(ldd "$(command -v setpriv)" | sed -n 's/.*=> \(.*libc\.so\.6\).*/\1/p')")"/{libnss_files,libnss_dns,libresolv,libgcc_s}.so.*
  tree /usr/lib/locale/C.utf8
  [ ! -e entrypoint-"$1".sh ] || install -m 755 entrypoint-"$1".sh "$root/entrypoint.sh"
}

# Adds a file, and what it links to.
file() {
  local path
  path=$(realpath "$(dirname "$1")")/$(basename "$1")
  echo "$path" >> "$files"
  [ ! -L "$path" ] || realpath "$path" >> "$files"
}

# Adds a program or a library with the libraries that it needs.
program() {
  file "$1"
  local library
  { ldd "$1" 2> /dev/null | grep -o '/[^ ]*' || true; } | while read -r library; do file "$library"; done
}

programs() {
  local each
  for each; do [ ! -e "$each" ] || program "$each"; done
}

# Adds everything below a folder, with the libraries that its programs need.
tree() {
  find "$1" -xtype f ! -path '*/jmods/*' ! -path '*/man/*' >> "$files"
  local library
  # ldd fails for what is no program, and there may be none.
  { find "$1" -type f \( -perm /111 -o -name '*.so' \) -exec ldd {} + 2> /dev/null || true; } |
    sed -n 's/.* => \(\/[^ ]*\).*/\1/p; s/^\t\(\/[^ ]*\) .*/\1/p' | sort -u | while read -r library; do file "$library"; done
}

# Imports the root and the listed files as one layer.
finish() {
  local image=$1 changes=() change
  shift
  for change; do changes+=(--change "$change"); done
  sort -u "$files" -o "$files"
  sed -i 's,^/,,' "$files"
  tar -c -C "$root" . -C / --no-recursion -T "$files" | docker import "${changes[@]}" - "$image" > /dev/null
  rm -rf "$root"
  echo "built $image"
}

build_kafka() {
  [ -d "${KAFKA_HOME:-}/libs" ] || give_up "KAFKA_HOME names no Kafka distribution"
  local java
  java=$(realpath "${JAVA_HOME:-$(dirname "$(dirname "$(realpath "$(command -v java)")")")}")
  begin kafka
  tree "$java"
  [ ! -d /etc/java-17-openjdk ] || tree /etc/java-17-openjdk
  mkdir -p "$root"/{opt/kafka,etc/kafka,home/appuser,var/lib/kafka/data}
  ln -s "$java/bin/java" "$root/usr/bin/java"
  cp -rL "$KAFKA_HOME/libs" "$root/opt/kafka/libs"
  cp log4j2.properties "$root/opt/kafka/"
  chown -R 1000:1000 "$root/etc/kafka" "$root/home/appuser" "$root/var/lib/kafka"
  finish "$1" 'USER appuser' 'ENTRYPOINT ["/entrypoint.sh"]' 'VOLUME /var/lib/kafka/data'
}

build_postgres() {
  local version
  version=$(basename "$(dirname "$(dirname "$(printf '%s\n' /usr/lib/postgresql/*/bin/initdb | sort -V | tail -n 1)")")")
  [ -d "/usr/lib/postgresql/$version" ] || give_up "postgresql is not installed"
  begin postgres
  tree "/usr/lib/postgresql/$version"
  tree "/usr/share/postgresql/$version"
  tree /usr/share/zoneinfo
  mkdir -p "$root/var/lib/postgresql" "$root/run/postgresql"
  ln -s ../run "$root/var/run"
  chown -R 999:999 "$root/var/lib/postgresql" "$root/run/postgresql"
  # Where the image of PostgreSQL 18 and later keeps its data.
  finish "$1" "ENV PATH=/usr/lib/postgresql/$version/bin:/usr/bin:/usr/sbin" 'ENV PGDATA=/var/lib/postgresql/18/docker' \
    'ENTRYPOINT ["/entrypoint.sh"]' 'CMD ["postgres"]' 'VOLUME /var/lib/postgresql'
}

build_redis() {
  begin redis
  programs "$(command -v redis-server)" "$(command -v redis-cli)"
  mkdir -p "$root/data"
  chown 998:998 "$root/data"
  finish "$1" 'WORKDIR /data' 'ENTRYPOINT ["/entrypoint.sh"]' 'CMD ["redis-server"]' 'VOLUME /data'
}

build_prometheus() {
  begin prometheus
  programs "$(command -v prometheus)"
  mkdir -p "$root/prometheus" "$root/etc/prometheus"
  chown 65534:65534 "$root/prometheus"
  finish "$1" 'USER nobody' 'WORKDIR /prometheus' 'ENTRYPOINT ["/usr/bin/prometheus"]' \
    'CMD ["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus"]' 'VOLUME /prometheus'
}

# Debian has no Grafana. This only answers at the health check's address, so that the resource of that name becomes healthy.
build_grafana() {
  begin grafana
  mkdir -p "$root/www/api"
  echo '{ "database": "ok", "standIn": true }' > "$root/www/api/health"
  finish "$1" 'USER grafana' 'ENTRYPOINT ["/bin/httpd", "-f", "-p", "3000", "-h", "/www"]'
}

[ $# -gt 0 ] || give_up "name the images to build, for example redis=redis:8.2"
for argument; do
  case $argument in
    kafka=* | postgres=* | redis=* | prometheus=* | grafana=*) "build_${argument%%=*}" "${argument#*=}" ;;
    *) give_up "unknown image $argument" ;;
  esac
done
