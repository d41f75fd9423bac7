#!/bin/sh
# Installs SPMC Notebook for the user who runs it: no network, no administrator. Options: sh install.sh --help
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd) || exit 1
for python in "$here/python/bin/python3" python3.13 python3.12 python3.11 python3; do
    if "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
        exec "$python" -B "$here/install.py" "$@"
    fi
done
echo "No Python 3.11, 3.12 or 3.13 was found; install one, or put one into $here/python, then run this again." >&2
exit 1
