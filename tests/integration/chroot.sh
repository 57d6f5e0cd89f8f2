# shellcheck shell=sh
# chroot.sh - a minimal Debian 12 in a folder, as a clean machine for fresh_machine.sh and docker_steps.sh.
#
# Where packages come from is asked of this machine; nothing about it is written down here.

machine_mirror() {
	for file in /etc/apt/sources.list.d/*.sources; do
		[ ! -f "$file" ] || sed -n 's/^URIs: *\(http[^ ]*\/debian\/\{0,1\}\)$/\1/p' "$file"
	done | head -n 1
	sed -n 's/^deb \(\[[^]]*\] \)\{0,1\}\(http[^ ]*\) bookworm .*/\2/p' /etc/apt/sources.list 2>/dev/null | head -n 1
}

# machine_new FOLDER PACKAGE,... - debootstrap; made once, then copied.
machine_new() {
	command -v debootstrap >/dev/null || { echo "debootstrap is not installed" >&2; exit 69; }
	[ "$(id -u)" -eq 0 ] || { echo "a root of its own needs root: sudo make fresh" >&2; exit 77; }
	mirror=$(machine_mirror | head -n 1)
	[ -n "$mirror" ] || { echo "cannot tell the package mirror from /etc/apt" >&2; exit 69; }
	debootstrap --variant=minbase --include="$2" bookworm "$1" "$mirror" >"$1.log" 2>&1 || {
		tail -n 20 "$1.log" >&2
		exit 69
	}
	# Where this machine has certificates and package settings of its own, the new one needs them too.
	cp -L /etc/resolv.conf "$1/etc/resolv.conf"
	mkdir -p "$1/usr/local/share/ca-certificates"
	cp /usr/local/share/ca-certificates/*.crt "$1/usr/local/share/ca-certificates/" 2>/dev/null || true
	echo "127.0.0.1 localhost" >"$1/etc/hosts"
	cat >"$1/etc/apt/sources.list" <<-END
		deb $mirror bookworm main
		deb $mirror bookworm-updates main
	END
	# Services of packages shall not start in here.
	printf '#!/bin/sh\nexit 101\n' >"$1/usr/sbin/policy-rc.d"
	chmod +x "$1/usr/sbin/policy-rc.d"
	machine_mount "$1"
}

machine_mount() {
	mount -t proc proc "$1/proc"
	mount --rbind /dev "$1/dev"
	mount --make-rslave "$1/dev"
}

machine_unmount() {
	umount -l "$1/dev" 2>/dev/null || true
	umount -l "$1/proc" 2>/dev/null || true
}

# machine_remove FOLDER - never deletes through a mount.
machine_remove() {
	[ -d "$1" ] || return 0
	machine_unmount "$1"
	if grep -q " $1/" /proc/mounts; then
		echo "still mounted below $1; left there" >&2
		return 0
	fi
	rm -rf --one-file-system "$1"
}

# machine_run FOLDER COMMAND... - with a clean environment.
machine_run() {
	folder=$1
	shift
	chroot "$folder" /usr/bin/env -i HOME=/root TERM=dumb LANG=C.UTF-8 CI=true \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt "$@"
}
