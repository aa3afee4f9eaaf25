# SPDX-License-Identifier: Apache-2.0
# Makes a minimal Debian 12 with Swift in a folder, and runs commands on it: check-fresh sources this file in the package's folder.

toolchain=$(Scripts/toolchain)
# The packages that swift.org names for Debian 12 (binutils-gold is a part of binutils), and those that a clone, the Makefile and an
# ordinary user need.
packages=binutils,gcc,git,libcurl4-openssl-dev,libedit-dev,libicu-dev,libncurses-dev,libpython3-dev,libsqlite3-dev
packages=$packages,libstdc++-12-dev,libxml2-dev,pkg-config,tzdata,uuid-dev,ca-certificates,make,sudo
# The sources from which this machine gets Debian 12's packages, one on a line: the address, the release, the component.
sources=$(apt-get indextargets --format '$(SITE) $(RELEASE) $(COMPONENT) $(CODENAME)' 'Created-By: Packages' |
  sed -n 's/ bookworm[a-z-]*$//p' | grep -E ' bookworm[a-z-]* main$' | sort -u)
# This machine's git settings for redirected addresses and for proxies: key and value.
redirections=$(cd / && git config --get-regexp '^(url|http)\.' || true)

# make_system FOLDER: does nothing if the system is there.
make_system() {
  [ ! -e "$1/etc/fresh" ] || return 0
  Scripts/install-packages debootstrap debian-archive-keyring
  rm -rf --one-file-system "$1"
  mirror=$(echo "$sources" | sed -n 's/ bookworm main$//p' | head -n 1)
  echo "check-fresh: debootstrap from ${mirror:=http://deb.debian.org/debian}"
  debootstrap --variant=minbase --include="$packages" bookworm "$1" "$mirror" > "$1.log" 2>&1 || {
    tail -n 20 "$1.log" >&2
    return 1
  }
  rm -f "$1.log" "$1"/var/cache/apt/archives/*.deb
  chroot "$1" useradd -m -s /bin/bash user
  echo 'user ALL=(ALL) NOPASSWD: ALL' > "$1/etc/sudoers.d/user"
  : > "$1/etc/fresh"
}

# configure FOLDER: resolves names, and gets packages and sources, in the same way as this machine.
configure() {
  cat /etc/resolv.conf > "$1/etc/resolv.conf" 2> /dev/null || true
  printf '127.0.0.1 localhost %s\n' "$(hostname)" > "$1/etc/hosts"
  [ -z "$sources" ] || echo "$sources" | sed 's/^/deb /' > "$1/etc/apt/sources.list"
  apt-config dump Acquire | grep -i -E '^Acquire::(https?|ftp|Retries)' > "$1/etc/apt/apt.conf.d/90here" || true
  # The mounted files belong to another user.
  git config --file "$1/etc/gitconfig" safe.directory '*'
  echo "$redirections" | while read -r key value; do
    [ -z "$key" ] || git config --file "$1/etc/gitconfig" --add "$key" "$value"
  done
}

# checkout FOLDER: copies the files that git would commit here, with changes that aren't committed yet.
checkout() {
  mkdir -p "$1"
  git -c safe.directory='*' ls-files -z --cached --others --exclude-standard |
    tar --null -T - --ignore-failed-read -cf - 2> /dev/null | tar -C "$1" -xf -
}

# enter SYSTEM USER FOLDER COMMAND...: mounts and processes end with the command. It uses pivot_root, because after chroot the kernel
# refuses user namespaces, which the tests make.
enter() {
  mounted=$(echo "$redirections" | sed -n 's,^url\.\(file://\)\{0\,1\}\(/[^ ]*\)\.insteadof .*,\2,p' | sort -u)
  system=$1 user=$2 folder=$3
  shift 3
  # shellcheck disable=SC2016,SC2086
  exec unshare --mount --propagation private --pid --fork --kill-child sh -euc '
    system=$1 user=$2 folder=$3 toolchain=$4 mounted=$5
    shift 5
    mount --bind "$system" "$system"
    for path in "$toolchain" $mounted; do
      [ -d "$path" ] || continue
      mkdir -p "$system/$path"
      mount --bind "$path" "$system/$path"
      mount -o remount,bind,ro "$system/$path"
    done
    for path in dev sys; do mount --rbind "/$path" "$system/$path"; done
    mount -t tmpfs tmpfs "$system/dev/shm"
    mount -t proc proc "$system/proc"
    cd "$system"
    mkdir -p old
    pivot_root . old
    umount -l /old
    cd "$folder"
    exec setpriv --reuid "$user" --regid "$user" --init-groups env -i HOME="$(eval echo "~$user")" USER="$user" \
      LANG=C.UTF-8 PATH="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:$toolchain/bin" \
      ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} ${no_proxy:+no_proxy="$no_proxy"} "$@"
  ' sh "$system" "$user" "$folder" "$toolchain" "$mounted" "$@"
}
