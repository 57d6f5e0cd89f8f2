/* SPDX-License-Identifier: MIT */
#include "net/loopback.h"

#include <gio/gio.h>

gboolean
loopback_is_host(const char *host)
{
	g_autoptr(GInetAddress) address = g_inet_address_new_from_string(host);

	return g_ascii_strcasecmp(host, "localhost") == 0 ||
	       (address && g_inet_address_get_is_loopback(address));
}
