/* SPDX-License-Identifier: MIT */
/*
 * ip_geo.h - whose network is an address in, and in which country: from files that the
 * administrator names. Nothing is asked of the network, and no data comes with the program.
 *
 * Read are MMDB databases (GeoLite2, DB-IP, IPinfo, IPLocate and what is shaped like them) and
 * tables of ranges or networks, CSV or TSV (iptoasn, DB-IP, MaxMind's blocks of AS numbers). Which
 * fields and columns count is the table in geo_source.c. Files are asked in the order in which they
 * were added: the first that knows an AS number, or a country, is believed.
 *
 * What a file says comes cleaned and cut (core/text.h). Unknown is 0 or "".
 *
 * Owner: the caller keeps the answer; nothing is allocated for it. Bytes are copied where they are
 * kept, so that a file may be written over at any time. Threads: any, once all files are added.
 */
#ifndef ENRICH_IP_GEO_H
#define ENRICH_IP_GEO_H

#include "core/ip.h"

#define GEO_BYTES_MAX   (256 * 1024 * 1024) /* one file */
#define GEO_ROWS_MAX    2000000             /* of a table; 48 bytes each are kept */
#define GEO_FILES_MAX   8
#define AS_NAME_LEN_MAX 127

struct ip_place {
	guint32 asn;
	char as_name[AS_NAME_LEN_MAX + 1]; /* always what one file calls asn */
	char country[3];                   /* ISO 3166, upper case */
};

/* One file, for a person who wants to know what is in use. */
struct ip_geo_file {
	char *name;
	char *kind;     /* "GeoLite2-ASN", "table" */
	gint64 made_at; /* by the file's own word, or else when it was written; 0 = unknown */
	guint rows;     /* networks of a table; 0 = not counted */
	guint left_out; /* rows of a table that were not usable */
};

struct ip_geo_input {
	const char *name; /* the path; ends in .mmdb, .csv or .tsv */
	GBytes *bytes;
	gint64 modified_at;
};

struct ip_geo;

struct ip_geo *ip_geo_new(void);
void ip_geo_free(struct ip_geo *geo);
typedef struct ip_geo ip_geo_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ip_geo_auto, ip_geo_free)

/*
 * Add a file. INVALID where it is broken, or tells neither AS numbers nor countries; LIMIT. The
 * text begins with its name, and nothing is added.
 */
gboolean ip_geo_add(struct ip_geo *geo, const struct ip_geo_input *input, GError **error);

/* All there is known of ip; all unknown for the address that is none. */
void ip_geo_find(const struct ip_geo *geo, const struct ip *ip, struct ip_place *ret_place);

guint ip_geo_n_files(const struct ip_geo *geo);
const struct ip_geo_file *ip_geo_file(const struct ip_geo *geo, guint n);

#endif
