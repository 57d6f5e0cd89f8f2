#!/bin/sh
# ingest.sh [PROGRAM [MAILS]] - how many mails one second of CPU reads into a new store, and in how much memory.
#
# 20,000 mails of seed 1 about the last 90 days, from a Maildir, all rollups brought up to date. Our own server
# vouches for their senders, so that there are all classes, and something to report. Totals are checked
# afterwards: a fast wrong answer is none.

set -eu
program=${1:-build/dmarcd} mails=${2:-20000}
here=$(dirname "$0")
work=${BENCH_FOLDER:-build/bench}/ingest-$mails
mkdir -p "$work"
# Older ones have left the last days, and with them what is new and what can be reported.
if [ -z "$(find "$work/truth.json" -mtime -7 2>/dev/null)" ]; then
	python3 "$here/../support/mkreports.py" --out "$work" -n "$mails" --format maildir \
		--start "$(date -u -d '90 days ago' +%F)" >/dev/null
fi
rm -f "$work"/dmarcd.db*
echo 'trusted_authserv = {"mail.collector.example"}' >"$work/dmarcd.conf"

python3 - "$program" "$work" "$mails" <<'END'
import os, resource, subprocess, sys, time
program, work, mails = sys.argv[1], sys.argv[2], int(sys.argv[3])
store, config = os.path.join(work, "dmarcd.db"), os.path.join(work, "dmarcd.conf")
start = time.monotonic()
code = subprocess.call([program, "ingest", "--quiet", "-c", config, "--store", "sqlite:" + store,
                        os.path.join(work, "Maildir")])
wall = time.monotonic() - start
used = resource.getrusage(resource.RUSAGE_CHILDREN)
cpu = used.ru_utime + used.ru_stime
size = sum(os.path.getsize(store + end) for end in ("", "-wal") if os.path.exists(store + end))
print("exit code          %10d" % code)
print("CPU seconds        %10.2f  (user %.2f, system %.2f)" % (cpu, used.ru_utime, used.ru_stime))
print("mails a CPU second %10.0f" % (mails / cpu))
print("wall seconds       %10.2f  (%.0f mails a second)" % (wall, mails / wall))
print("peak memory        %10.1f MB" % (used.ru_maxrss / 1024))
print("store              %10.1f MB" % (size / 1e6))
sys.exit(code)
END
python3 "$here/../support/check_truth.py" --dmarcd "$program" --store "sqlite:$work/dmarcd.db" "$work/truth.json"
