/* SPDX-License-Identifier: MIT */
/*
 * geo_source.h - what each kind of file behind ip_geo.h gives, and the names that vendors use.
 */
#ifndef ENRICH_GEO_SOURCE_H
#define ENRICH_GEO_SOURCE_H

#include "enrich/ip_geo.h"

enum geo_field {
	GEO_START, /* of a range; both ends belong to it */
	GEO_END,
	GEO_NETWORK, /* 192.0.2.0/24 */
	GEO_ASN,
	GEO_AS_NAME,
	GEO_COUNTRY,
	N_GEO_FIELDS,
};

/* What a field is called; of one field the better name stands first. */
struct geo_name {
	enum geo_field field;
	const char *name;
	const char *member; /* of the map that name is, in an MMDB; NULL = name is the value */
};
extern const struct geo_name geo_names[];
extern const gsize n_geo_names;

struct geo_type {
	const char *suffix;
	/* Fills the counts and what it knows of about. */
	gpointer (*open)(GBytes *bytes, struct ip_geo_file *about, GError **error);
	void (*close)(gpointer source);
	/* place comes empty. */
	void (*find)(gconstpointer source, const struct ip *ip, struct ip_place *place);
};
extern const struct geo_type geo_mmdb;
extern const struct geo_type geo_csv;
extern const struct geo_type geo_tsv;

/* "64500" or "AS64500"; 0 = unknown. */
guint32 geo_read_asn(const char *text);

/* Two letters; FALSE, and nothing is written, for any other text and for what means "none". */
gboolean geo_read_country(const char *text, char ret_country[3]);

#endif
