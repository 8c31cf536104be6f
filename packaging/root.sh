# Fresh roots of Debian, and commands inside them. Sourced, under `set -euo pipefail`, by what builds and tests in one;
# needs root, mmdebstrap and the network.
# shellcheck shell=bash

# suite_of WORD: bookworm or trixie, also by its number; nothing for anything else.
suite_of() {
    case "$1" in
        12 | bookworm) echo bookworm ;;
        13 | trixie) echo trixie ;;
    esac
}

# suite_of_package DEB: for which release it was built, by its version; nothing where it does not say.
suite_of_package() {
    local version
    version=$(dpkg-deb --field "$1" Version)
    case "$version" in
        *~deb*) suite_of "${version##*~deb}" ;;
    esac
}

# agree_with DEB: $suite and $arch become those that the package was built for. Where they say something else already, one
# line says so, with status 2.
agree_with() {
    local suite_there arch_there
    suite_there=$(suite_of_package "$1")
    arch_there=$(dpkg-deb --field "$1" Architecture)
    if [[ -n $suite && -n $suite_there && $suite != "$suite_there" ]] || [[ -n $arch && $arch != "$arch_there" ]]; then
        echo "$0: $1 is for ${suite_there:-another release} on $arch_there, not for ${suite:-$suite_there} on ${arch:-$arch_there}: packaging/build-deb --suite ${suite:-$suite_there} --arch ${arch:-$arch_there} makes that one" >&2
        return 2
    fi
    suite=${suite:-$suite_there} arch=$arch_there
}

# own_suite: this machine's release.
own_suite() { (. /etc/os-release && echo "${VERSION_CODENAME:-}"); }

# package_of SUITE ARCH [tests]: the newest package in build/packages for it, or its unit tests. Where there is none, one
# line says what makes it.
package_of() {
    local build="packaging/build-deb --suite $1 --arch $2" release kind=paravent end=deb names file
    local -a but=()
    case "$1" in
        bookworm) release='~deb12' ;;
        trixie) release='~deb13' ;;
        *) release='' build=packaging/build-deb but=(! -name '*~deb*') ;; # built where it is to run, its version names none
    esac
    if [[ ${3:-} == tests ]]; then
        kind=paravent-tests end=tar build+=' --tests'
    fi
    names="${kind}_*${release}_$2.$end"
    file=$(find build/packages/ -maxdepth 1 -name "$names" "${but[@]}" 2>/dev/null | sort -V | tail -n 1)
    if [[ -z $file ]]; then
        echo "$0: there is no $names in build/packages: $build makes it" >&2
        return 1
    fi
    echo "$file"
}

# The mirrors are those that this machine uses itself; only the release differs.
mirror_like() {
    # shellcheck disable=SC2016
    apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Created-By: Packages' |
        awk -v wanted="$1" '$2 ~ wanted { print $1; exit }'
}

# make_root SUITE ROOT [MMDEBSTRAP OPTION…]
make_root() {
    local suite=$1 root=$2 mirror security option log
    local -a sources options=()
    shift 2
    mirror=$(mirror_like '^[a-z]+$')
    security=$(mirror_like '-security$')
    if [[ -z $mirror ]]; then
        echo "$0: this machine's apt names no Debian mirror (or \"apt-get update\" never ran)" >&2
        return 1
    fi
    sources=("deb $mirror $suite main" "deb $mirror $suite-updates main")
    if [[ -n $security ]]; then
        sources+=("deb $security $suite-security main")
    fi
    # So is the way to them: a proxy, a clock that is wrong.
    while IFS= read -r option; do
        options+=("--aptopt=$option")
    done < <(apt-config dump | grep -E '^Acquire::((http|https|ftp)::|Check-|Retries|ForceIP)' | grep -v ' "";$')

    echo "Making a root of $suite in $root."
    log=$(mktemp)
    if ! mmdebstrap --verbose --dpkgopt=force-unsafe-io --variant=minbase --skip=cleanup/apt "${options[@]}" "$@" "$suite" "$root" \
        "${sources[@]}" >"$log" 2>&1; then
        echo "$0: no root of $suite could be made:" >&2
        grep -E -B 3 '^(E|Err:[0-9]+|dpkg: error|[Ee]rror)' "$log" | tail -n 40 >&2 || true
        rm -f "$log"
        return 1
    fi
    rm -f "$log"
    rm -f "$root/etc/resolv.conf" # systemd-resolved's is a link that leads nowhere yet
    cp -L /etc/resolv.conf "$root/etc/resolv.conf"
    cp /etc/hosts "$root/etc/hosts"
}

# inside ROOT FOLDER COMMAND…: in the root, in namespaces that end with it, so that nothing stays mounted or running. The
# network is this machine's.
inside() {
    # shellcheck disable=SC2016
    unshare --mount --pid --ipc --uts --fork --kill-child --mount-proc="$1/proc" bash -c '
        set -e
        root=$1 folder=$2
        shift 2
        # A mount of its own: in a bare chroot nobody could make a mount namespace, as some tests do.
        mount --rbind "$root" "$root"
        mount --rbind --make-rslave /dev "$root/dev"
        mount --rbind --make-rslave /sys "$root/sys"
        mount -t tmpfs tmpfs "$root/run"
        mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
        exec chroot "$root" /bin/sh -c "cd \"\$0\" && exec \"\$@\"" "$folder" "$@"' bash "$1" "$2" \
        env -u PARAVENT_DATA -u PARAVENT_TESTS_ALL HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 "${@:3}"
}
