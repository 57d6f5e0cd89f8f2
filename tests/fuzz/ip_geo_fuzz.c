/* SPDX-License-Identifier: MIT */
/* Geo databases: MMDB through a copy in memory, CSV and TSV. What is found is clean and bounded. */
#include <string.h>

#include "enrich/ip_geo.h"

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize len);
const char *__lsan_default_suppressions(void);

/* libmaxminddb 1.7.1 forgets what it read of metadata that it refuses. */
const char *
__lsan_default_suppressions(void)
{
	return "leak:libmaxminddb";
}

static const char *const names[] = { "a.mmdb", "a.csv", "a.tsv" };
static const char *const addresses[] = { "198.51.100.7", "2001:db8:a::7", "0.0.0.0",
					 "255.255.255.255", "ffff::" };

static void
check_place(const struct ip_place *place)
{
	g_assert_true(memchr(place->as_name, '\0', sizeof place->as_name));
	g_assert_true(g_utf8_validate(place->as_name, -1, NULL));
	g_assert_true(place->asn != 0 || !*place->as_name);
	g_assert_true(strlen(place->country) == 0 || strlen(place->country) == 2);
}

int
LLVMFuzzerTestOneInput(const guint8 *bytes, gsize len)
{
	g_autoptr(GBytes) whole = g_bytes_new_static(bytes, len);

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autoptr(ip_geo_auto) geo = ip_geo_new();
		g_autoptr(GError) error = NULL;
		const struct ip_geo_input input = { names[i], whole, 0 };
		if (!ip_geo_add(geo, &input, &error)) {
			g_assert_nonnull(error);
			continue;
		}
		for (gsize j = 0; j < G_N_ELEMENTS(addresses); j++) {
			struct ip ip;
			struct ip_place place;
			g_assert_true(ip_parse(addresses[j], &ip));
			ip_geo_find(geo, &ip, &place);
			check_place(&place);
		}
	}
	return 0;
}
