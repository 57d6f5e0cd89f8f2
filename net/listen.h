/* SPDX-License-Identifier: MIT */
/*
 * listen.h - a place where others connect: TCP, a Unix socket, or one that systemd passed on.
 *
 *   127.0.0.1:24   [::1]:24   *:24   unix:/run/dmarcd/lmtp.sock   systemd
 *
 * Threads: one accepts; a connection belongs to whoever it was given to.
 */
#ifndef NET_LISTEN_H
#define NET_LISTEN_H

#include <gio/gio.h>

struct listener;

/* INVALID: not an address. DENIED: it is taken, or not ours to take. */
struct listener *listener_open(const char *address, GError **error);

/* Closes it, and removes the Unix socket that it made. NULL is fine. */
void listener_close(struct listener *listener);

/* Wait for the next one. NULL where cancelled, or with AGAIN where the system is short of
 * something. */
GSocketConnection *listener_accept(struct listener *listener, GCancellable *cancel, GError **error);

/* "127.0.0.1:40031": as it was opened, port 0 replaced by the real one. Owner: the listener. */
const char *listener_address(const struct listener *listener);

#endif
