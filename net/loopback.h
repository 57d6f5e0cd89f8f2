/* SPDX-License-Identifier: MIT */
/*
 * loopback.h - is a host this very machine? Only there may secrets travel without TLS.
 */
#ifndef NET_LOOPBACK_H
#define NET_LOOPBACK_H

#include <glib.h>

/* "localhost" or an address of RFC 1122 §3.2.1.3 or ::1. A name that merely looks like one is not.
 */
gboolean loopback_is_host(const char *host);

#endif
