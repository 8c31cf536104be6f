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
