#!/bin/sh
# Installs SPMC Notebook for the user who runs it: no network, no administrator. Options: sh install.sh --help
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd) || exit 1
for python in "$here/python/bin/python3" python3.13 python3.12 python3.11 python3; do
    version=$("$python" -c 'import sys; print("%d%d" % sys.version_info[:2])' 2>/dev/null) || continue
    if grep -q "\"$version\"" "$here/bundle.json"; then
        exec "$python" -B "$here/install.py" "$@"
    fi
done
echo "No Python that this bundle is for was found; install one, or put one into $here/python, then run this again." >&2
exit 1
