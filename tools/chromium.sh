#!/bin/sh
# chromium.sh: exits 0 when browser tests can run. As root on Debian it installs Chromium if there is none.
set -eu
find_chromium() {
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        command -v "$name" >/dev/null 2>&1 && return 0
    done
    return 1
}
find_chromium && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing chromium for the browser tests" >&2
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; } \
        >.dev/chromium.log 2>&1 || true
    find_chromium && exit 0
fi
echo "browser tests need Chromium: sudo apt-get install -y chromium" >&2
exit 1
