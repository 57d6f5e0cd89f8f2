/* SPDX-License-Identifier: MIT */
#include "enrich/geo_source.h"

#include <string.h>

const struct geo_name geo_names[] = {
	{ GEO_START, "range_start", NULL },
	{ GEO_START, "ip_range_start", NULL },
	{ GEO_START, "start_ip", NULL },
	{ GEO_END, "range_end", NULL },
	{ GEO_END, "ip_range_end", NULL },
	{ GEO_END, "end_ip", NULL },
	{ GEO_NETWORK, "network", NULL },
	{ GEO_ASN, "autonomous_system_number", NULL }, /* MaxMind, DB-IP */
	{ GEO_ASN, "asn", NULL },                      /* IPinfo, IPLocate */
	{ GEO_ASN, "as_number", NULL },                /* iptoasn */
	{ GEO_AS_NAME, "autonomous_system_organization", NULL },
	{ GEO_AS_NAME, "as_name", NULL },
	{ GEO_AS_NAME, "organization", NULL },
	{ GEO_AS_NAME, "org", NULL },
	{ GEO_AS_NAME, "name", NULL },
	{ GEO_AS_NAME, "as_description", NULL },
	{ GEO_COUNTRY, "country_code", NULL },
	{ GEO_COUNTRY, "country", "iso_code" },
	{ GEO_COUNTRY, "country", NULL }, /* the older ones of IPinfo */
};
const gsize n_geo_names = G_N_ELEMENTS(geo_names);

/* Codes that ISO 3166 leaves to users: "unknown" with those who use them. */
static const char *const no_countries[] = { "XX", "ZZ", NULL };

guint32
geo_read_asn(const char *text)
{
	guint64 asn;

	if (g_ascii_strncasecmp(text, "AS", 2) == 0)
		text += 2;
	if (!g_ascii_string_to_unsigned(text, 10, 0, G_MAXUINT32, &asn, NULL))
		return 0;
	return (guint32)asn;
}

gboolean
geo_read_country(const char *text, char ret_country[3])
{
	if (!g_ascii_isalpha(text[0]) || !g_ascii_isalpha(text[1]) || text[2])
		return FALSE;
	const char code[] = { g_ascii_toupper(text[0]), g_ascii_toupper(text[1]), '\0' };
	if (g_strv_contains(no_countries, code))
		return FALSE;
	memcpy(ret_country, code, sizeof code);
	return TRUE;
}
