/* SPDX-License-Identifier: MIT */
/*
 * datagram.h - one message to a Unix socket of the system: the service manager's, the journal's.
 *
 * Threads: any.
 */
#ifndef CORE_DATAGRAM_H
#define CORE_DATAGRAM_H

#include <glib.h>

/*
 * Send len bytes to the socket at path; "@name" is one without a file (unix(7), abstract). FALSE
 * where it is not taken: no such socket, too large, or nobody reads it for a second.
 */
gboolean datagram_send(const char *path, const void *bytes, gsize len);

#endif
