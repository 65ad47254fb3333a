#!/bin/sh
# make-venv.sh FOLDER: a virtual environment with pip, by the newest suitable python3 on the PATH.
# Debian splits ensurepip off into python3-venv; without it, pip is fetched by the system's own pip.
set -eu
folder=$1
for python in python3 python3.14 python3.13 python3.12 python3.11; do
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        if "$python" -m venv "$folder" >/dev/null 2>&1; then
            exit 0
        fi
        rm -rf "$folder"
        if "$python" -m venv --without-pip "$folder" &&
            "$python" -m pip --python "$folder/bin/python" install --quiet pip 2>/dev/null; then
            exit 0
        fi
        rm -rf "$folder"
        echo "$python cannot make a virtual environment with pip; on Debian: apt-get install python3-venv" >&2
        exit 1
    fi
done
echo "Fieldstone needs Python 3.11 or newer; none was found on the PATH" >&2
exit 1
