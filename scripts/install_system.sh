#!/usr/bin/env bash
# What the tests need from the system: PostgreSQL with PostGIS, Chromium, Pango (for print), a Chinese font.
# Installs from Debian's packages whatever is missing; does nothing where all is there.
set -euo pipefail

has_postgis() { compgen -G '/usr/share/postgresql/*/extension/postgis.control' >/dev/null \
    && compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null; }
has_chromium() { command -v chromium >/dev/null || command -v chromium-browser >/dev/null; }
has_pango() { PATH="$PATH:/usr/sbin:/sbin" ldconfig -p | grep -q libpangoft2-1.0; }
has_chinese_font() { command -v fc-list >/dev/null && [ -n "$(fc-list :lang=zh 2>/dev/null)" ]; }

missing=()
has_postgis || missing+=(postgis)
has_chromium || missing+=(chromium)
has_pango || missing+=(pango)
has_chinese_font || missing+=(font)
[ ${#missing[@]} -eq 0 ] && exit 0

echo "missing on this system: ${missing[*]}"
if ! command -v apt-get >/dev/null; then
    echo "install PostgreSQL with PostGIS, Chromium, Pango and a Chinese font with your system's package manager, then run make test again" >&2
    exit 1
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if sudo -n true 2>/dev/null; then as_root=(sudo -n env DEBIAN_FRONTEND=noninteractive)
    else echo "run once as root: $0" >&2; exit 1; fi
fi
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -q

packages=()
for thing in "${missing[@]}"; do
    case $thing in
        postgis)
            packages+=(postgresql)
            # the PostGIS that fits the PostgreSQL Debian's own metapackage brings
            server=$(apt-cache depends postgresql | grep -oE 'postgresql-[0-9]+' | head -n 1)
            packages+=("$server-postgis-3") ;;
        chromium) packages+=(chromium) ;;
        pango) packages+=(libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0) ;;
        font) packages+=(fontconfig fonts-noto-cjk) ;;
    esac
done
"${as_root[@]}" apt-get install -q -y --no-install-recommends "${packages[@]}"
