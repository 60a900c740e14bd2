#!/bin/sh
# What the browser tests need of the system: Debian's Chromium, and fonts with Chinese characters. Nothing where they are there.
set -eu
if command -v chromium >/dev/null && fc-list 2>/dev/null | grep -q "Noto Sans CJK"; then
    exit 0
fi
if [ "$(id -u)" != 0 ]; then
    echo "the browser tests need the packages chromium and fonts-noto-cjk: install them, or run this as root" >&2
    exit 1
fi
apt-get update -qq
apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk fontconfig
