#!/bin/sh
# fresh_machine.sh - a newcomer's first hour: a minimal Debian 12 with git and make, a clone, make run, make test.
#
# Needs root, debootstrap and a package mirror; takes a quarter of an hour. `make run` must end with a
# link that logs in and shows the sample data, `make test` must pass. FRESH_ONLY=run leaves make test out.
# The last line: N passed, N failed.

set -u
here=$(cd "$(dirname "$0")" && pwd)
repository=$(cd "$here/../.." && pwd)
# shellcheck source=tests/integration/chroot.sh
. "$here/chroot.sh"

work=$(mktemp -d)
machine=$work/machine
passed=0 failed=0 server=

check() {
	what=$1
	shift
	if "$@" >"$work/check.log" 2>&1; then
		echo "ok   $what"
		passed=$((passed + 1))
	else
		tail -n 30 "$work/check.log"
		echo "FAIL $what"
		failed=$((failed + 1))
	fi
}

# setsid made the server the leader of a group of its own: make, its shell and dmarcd end together.
stop_server() {
	[ -z "$server" ] || kill -- "-$server" 2>/dev/null
	server=
}

clean_up() {
	stop_server
	sleep 1
	machine_remove "$machine"
	rm -rf --one-file-system "$work"
}
trap clean_up EXIT
trap 'exit 1' INT TERM

wait_for_link() {
	n=0
	while [ $n -lt 900 ]; do
		link=$(sed -n 's/.*log in once within 15 minutes: *//p' "$work/run.log" | head -n 1)
		[ -z "$link" ] || return 0
		kill -0 "$server" 2>/dev/null || return 1
		sleep 1
		n=$((n + 1))
	done
	return 1
}

# Follow the link as a browser does: the page it shows has one form, which is sent back.
log_in() {
	curl -sS -c "$work/jar" -b "$work/jar" -o "$work/login.html" -w '%{http_code}' "$link" >"$work/login.code"
	grep -q '^30[23]' "$work/login.code" && return 0
	token=$(printf '%s' "$link" | sed 's/.*token=//')
	curl -sS -c "$work/jar" -b "$work/jar" -o /dev/null -w '%{http_code}' --data-urlencode "token=$token" \
		"${link%%\?*}" >"$work/login.code"
	grep -q '^30[23]' "$work/login.code"
}

page() { curl -sS --fail -c "$work/jar" -b "$work/jar" "${link%/login*}$1"; }
sees_overview() { page / | grep -qi 'messages'; }
sees_sample() { page /sources.json | grep -q '"source_ip"\|"ip"'; }
sample_is_read() {
	n=0
	while [ $n -lt 120 ]; do
		page /sources.json 2>/dev/null | grep -q '\.example' && return 0
		sleep 1
		n=$((n + 1))
	done
	return 1
}

echo "# a minimal Debian 12"
machine_new "$machine" git,make,ca-certificates
machine_run "$machine" update-ca-certificates >/dev/null 2>&1
git clone -q --no-hardlinks "$repository" "$machine/root/dmarcd" || exit 1
# Whoever cloned it owns it.
chown -R 0:0 "$machine/root/dmarcd"

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
started=$(date +%s)
folder=$machine
setsid chroot "$folder" /usr/bin/env -i HOME=/root LANG=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin \
	make -C /root/dmarcd run PORT="$port" >"$work/run.log" 2>&1 &
server=$!
if wait_for_link; then
	echo "ok   make run prints a link after $(($(date +%s) - started)) s"
	passed=$((passed + 1))
	check "the link logs in" log_in
	check "the sample is read" sample_is_read
	check "the overview shows messages" sees_overview
	check "the sources are there" sees_sample
else
	tail -n 40 "$work/run.log"
	echo "FAIL make run prints a link"
	failed=$((failed + 1))
fi
stop_server

if [ "${FRESH_ONLY:-}" != run ]; then
	started=$(date +%s)
	machine_run "$machine" make -C /root/dmarcd test >"$work/test.log" 2>&1
	status=$?
	tail -n 5 "$work/test.log" | sed 's/^/# /'
	if [ $status -eq 0 ]; then
		echo "ok   make test passes after $(($(date +%s) - started)) s"
		passed=$((passed + 1))
	else
		grep -E '^FAIL|Error|error:' "$work/test.log" | head -n 40
		echo "FAIL make test (exit $status)"
		failed=$((failed + 1))
	fi
	[ -z "${FRESH_LOG:-}" ] || cp "$work/test.log" "$FRESH_LOG"
fi
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
