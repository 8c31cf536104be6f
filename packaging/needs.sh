# What Paravent needs from Debian, and how it gets there. Sourced by packaging/run, tests/run and tests/fuzz/run, in the
# project's top folder, under `set -euo pipefail`.
# shellcheck shell=bash disable=SC2034

# Debian 12 has Boost 1.81 beside its usual 1.74; later releases' usual one will do.
boost_version() {
    local id='' id_like='' codename='' version=''
    if [[ -r /etc/os-release ]]; then
        id=$(. /etc/os-release && echo "${ID:-}")
        id_like=$(. /etc/os-release && echo "${ID_LIKE:-}")
        codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
    fi
    case "$codename" in
        bookworm) version=1.81 ;;
        trixie) version=1.83 ;;
        *)
            if [[ " $id $id_like " == *" debian "* ]]; then
                version=$(apt-cache pkgnames libboost-json1. 2>/dev/null |
                    sed -n 's/^libboost-json\(1\.[0-9]*\)-dev$/\1/p' | sort -V | tail -n 1)
            fi
            ;;
    esac
    echo "${version:-1.83}"
}
boost=$(boost_version)

build_packages=(
    cmake ninja-build g++ pkgconf
    "libboost$boost-dev" "libboost-json$boost-dev"
    libssl-dev libsqlitecpp-dev libsqlite3-dev zlib1g-dev libtomlplusplus-dev libcli11-dev libspdlog-dev
    libre2-dev libc-ares-dev libnghttp2-dev libpsl-dev libidn2-dev libcurl4-openssl-dev libqrencode-dev
    libarchive-dev libxml2-dev ca-certificates
)
# The pages are built by node; any from 18 on with its npm will do.
if ! node -e 'process.exit(parseInt(process.versions.node) >= 18 ? 0 : 1)' >/dev/null 2>&1 || ! command -v npm >/dev/null; then
    build_packages+=(nodejs npm)
fi
unit_packages=("libboost-test$boost-dev")
e2e_packages=(
    python3 python3-pytest python3-h2 python3-hypothesis python3-selenium chromium chromium-driver
    curl iproute2 strace openssl sqlite3 procps gnutls-bin libnss3-tools
    nftables dnsmasq-base unbound keepalived faketime util-linux mount e2fsprogs
    libglib2.0-bin dconf-gsettings-backend dconf-cli gsettings-desktop-schemas dbus
)
fuzz_packages=("${unit_packages[@]}" clang-19 libclang-rt-19-dev)

# need WHAT PACKAGE…: sees to it that the packages are installed; asks apt only for those that are not.
need() {
    local what=$1 package
    local -a missing=()
    shift
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        echo "This is no Debian: it is up to you that there is what $what needs: $*"
        return 0
    fi
    for package in "$@"; do
        if [[ $(dpkg-query -W -f=' ${db:Status-Status} ' "$package" 2>/dev/null) != *" installed "* ]]; then
            missing+=("$package")
        fi
    done
    if ((${#missing[@]} == 0)); then
        return 0
    fi
    local install="apt-get install --no-install-recommends ${missing[*]}"
    if ((EUID != 0)); then
        echo "For $what something is missing that only root can install: $install" >&2
        exit 1
    fi
    echo "Installing what $what needs: ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    apt-get -q update ||
        echo "The lists of packages could not be brought up to date; trying with those that are here." >&2
    # --no-remove: what somebody else put on this machine is not ours to take away.
    if ! apt-get -q -y --no-remove --no-install-recommends install "${missing[@]}"; then
        echo "apt-get could not install what $what needs (its reason stands above). By hand: $install" >&2
        exit 1
    fi
}

# One compiler takes up to 1 GiB: as many jobs as there are CPUs and memory for.
jobs_for_memory() {
    local cpus available
    cpus=$(nproc)
    available=$(awk '/^MemAvailable:/ { print int($2 / 1048576) }' /proc/meminfo)
    if ((available < 1)); then
        available=1
    fi
    echo $((available < cpus ? available : cpus))
}

# build PRESET [CMAKE OPTION…]
build() {
    local preset=$1 jobs
    shift
    jobs=$(jobs_for_memory)
    echo "Building (preset $preset, $jobs at a time)."
    local log
    if ! log=$(cmake --preset "$preset" "$@" 2>&1); then
        printf '%s\n' "$log" >&2
        echo "cmake could not make build/$preset ready; its reason stands above." >&2
        exit 1
    fi
    cmake --build --preset "$preset" -j"$jobs"
}
