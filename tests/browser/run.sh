#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh LOGIN-LINK OUTDIR - look at every page of a running dmarcd with Chromium.
#
# Every page in light and dark, 1280, 768 and 320 pixels wide, with and without script: no message of the
# console or the content security policy, no finding of axe (WCAG 2.2 A and AA, best practice),
# nothing wider than the screen, HTML of at most 45 kB. Screenshots go to OUTDIR.
# CHROMIUM names another browser than /usr/bin/chromium.
set -eu
[ $# -eq 2 ] || { echo "usage: $0 LOGIN-LINK OUTDIR" >&2; exit 64; }
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$2"
[ -d "$here/node_modules/playwright-core" ] || (cd "$here" && npm ci --no-audit --no-fund --silent)
exec node "$here/look.mjs" "$1" "$2"
