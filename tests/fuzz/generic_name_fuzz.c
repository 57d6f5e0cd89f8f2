/* SPDX-License-Identifier: MIT */
/* Reverse names that a stranger wrote, for the address in the first 16 bytes: no crash. */
#include <string.h>

#include "enrich/generic_name.h"
#include "net/dns_name.h"

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize len);

int
LLVMFuzzerTestOneInput(const guint8 *bytes, gsize len)
{
	g_autoptr(GString) folded = g_string_new(NULL);
	struct ip ip;

	if (len < sizeof(ip))
		return 0;
	memcpy(&ip, bytes, sizeof(ip));
	g_autofree char *name = g_strndup((const char *)bytes + sizeof(ip), len - sizeof(ip));
	if (dns_name_fold(name, folded))
		(void)generic_name_is(folded->str, &ip);
	return 0;
}
