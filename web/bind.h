/* SPDX-License-Identifier: MIT */
/*
 * bind.h - the socket that the web server listens on.
 */
#ifndef WEB_BIND_H
#define WEB_BIND_H

#include <glib.h>

/*
 * Listen on "127.0.0.1:8080" or "[::1]:8080" (port 0: any free one). The descriptor, or -1 with
 * DENIED and what to do. ret_url is "http://127.0.0.1:8080" with the port that was bound; free it.
 */
int bind_listen(const char *address, char **ret_url, GError **error);

#endif
