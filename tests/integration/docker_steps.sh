#!/bin/sh
# docker_steps.sh - carry out docker/Dockerfile and docker/postfix/Dockerfile in debootstrap roots, where no
# Docker is at hand.
#
# Each FROM is a new minimal Debian 12, COPY and RUN are done one by one, then CMD is started as USER, in a
# network of its own, and HEALTHCHECK asked. Knows just the instructions that our Dockerfiles use and stops
# at any other. Needs root. The last line: N passed, N failed.

set -u
here=$(cd "$(dirname "$0")" && pwd)
repository=$(cd "$here/../.." && pwd)
# shellcheck source=tests/integration/chroot.sh
. "$here/chroot.sh"

work=$(mktemp -d)
server="" passed=0 failed=0

verdict() {
	if [ "$1" -eq 0 ]; then
		echo "ok   $2"
		passed=$((passed + 1))
	else
		[ ! -f "$work/step.log" ] || tail -n 20 "$work/step.log"
		echo "FAIL $2"
		failed=$((failed + 1))
	fi
}

stop() {
	[ -z "$server" ] || kill -- "-$server" 2>/dev/null
	server=
	sleep 1
}

clean_up() {
	stop
	for n in 1 2 3; do
		machine_remove "$work/stage$n"
	done
	rm -rf --one-file-system "$work"
}
trap clean_up EXIT
trap 'exit 1' INT TERM

copy() {
	from=$repository
	case $1 in
	--from=build) from=$work/stage1; shift ;;
	esac
	for last in "$@"; do :; done
	case $last in */) mkdir -p "$root$last" ;; esac
	while [ $# -gt 1 ]; do
		if [ "$1" = . ]; then
			mkdir -p "$root$last"
			# What .dockerignore keeps out is not in a clone either.
			git -C "$repository" ls-files -z --cached --others --exclude-standard |
				(cd "$repository" && tar -c --null --files-from=- --ignore-failed-read 2>/dev/null) | tar -x -C "$root$last"
		else
			cp -a "$from/${1#/}" "$root$last"
		fi
		shift
	done
}

step() {
	instruction=$1 rest=$2
	case $instruction in
	FROM)
		stage=$((stage + 1)) root=$work/stage$((stage))
		echo "# stage $stage: $rest"
		machine_new "$root" ca-certificates
		;;
	COPY)
		# shellcheck disable=SC2086 # words
		copy $rest
		verdict $? "COPY $rest"
		;;
	RUN)
		machine_run "$root" /bin/sh -c "$rest" >"$work/step.log" 2>&1
		verdict $? "RUN $rest"
		;;
	USER) user=$rest ;;
	ENV) environment="$environment $rest" ;;
	VOLUME | EXPOSE) ;;
	HEALTHCHECK) health=$(echo "$rest" | sed 's/.* CMD //') ;;
	ENTRYPOINT) entry=$rest ;;
	CMD) command=$rest ;;
	*)
		echo "docker_steps.sh does not know $instruction" >&2
		exit 1
		;;
	esac
}

# build DOCKERFILE - the last stage is then in $root.
build() {
	echo "# $1"
	stage=0 user=root environment="" health="" entry="" command=""
	for n in 1 2 3; do
		machine_remove "$work/stage$n"
	done
	# Lines that end in a backslash go on; comments and empty lines are none.
	sed -e '/^#/d' -e '/^$/d' -e ':a' -e '/\\$/{N' -e 's/\\\n */ /' -e 'ta' -e '}' "$repository/$1" >"$work/steps"
	while read -r instruction rest <&3; do
		step "$instruction" "$rest"
	done 3<"$work/steps"
}

words() { echo "$1" | tr -d '[]",'; }

# start - what the image starts, in its environment, until it is healthy.
start() {
	container="chroot --userspec=$user $root /usr/bin/env -i $environment"
	container="$container PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
	# shellcheck disable=SC2016,SC2046,SC2086 # words, and a script for later
	setsid unshare --net /bin/sh -c 'ip link set lo up && exec "$@"' start $container \
		$(words "$entry") $(words "$command") >"$work/serve.log" 2>&1 &
	server=$!
	healthy=1 n=0
	while [ $n -lt 20 ] && [ $healthy -ne 0 ]; do
		sleep 1
		nsenter --target "$server" --net chroot "$root" /bin/sh -c "$health" >"$work/step.log" 2>&1
		healthy=$?
		n=$((n + 1))
	done
	[ $healthy -eq 0 ] || cat "$work/serve.log"
	verdict $healthy "the container is healthy after $n s"
	compiler=$(find "$root/usr/bin" -name 'gcc*' -o -name 'make' | head -n 1)
	[ -z "$compiler" ]
	verdict $? "no compiler in the image (size $(du -sm --one-file-system "$root" | cut -f 1) MB)"
}

build docker/Dockerfile
start
owner=$(stat -c %u "$root/var/lib/dmarcd/dmarcd.db" 2>/dev/null)
[ "${owner:-0}" -ne 0 ]
verdict $? "the store is in the volume and not root's"
grep -q 'token=' "$work/serve.log"
verdict $? "the log shows how to log in"
stop

build docker/postfix/Dockerfile
environment="$environment REPORT_ADDRESSES=dmarc@reports.example MAIL_HOSTNAME=mx.reports.example"
start
grep -q 'daemon started' "$work/serve.log"
verdict $? "Postfix logs to the container's output"
$container postqueue -p 2>&1 | grep -q 'queue is empty'
verdict $? "its queue can be looked at"
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
