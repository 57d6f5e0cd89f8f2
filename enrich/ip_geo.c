/* SPDX-License-Identifier: MIT */
#include "enrich/ip_geo.h"

#include "core/error.h"
#include "enrich/geo_source.h"

struct member {
	struct ip_geo_file about;
	const struct geo_type *type;
	gpointer source;
};

struct ip_geo {
	GPtrArray *members; /* struct member *, owned */
};

static const struct geo_type *const types[] = { &geo_mmdb, &geo_csv, &geo_tsv };

static void
free_member(gpointer data)
{
	struct member *member = data;

	if (member->source)
		member->type->close(member->source);
	g_free(member->about.name);
	g_free(member->about.kind);
	g_free(member);
}

struct ip_geo *
ip_geo_new(void)
{
	struct ip_geo *geo = g_new0(struct ip_geo, 1);

	geo->members = g_ptr_array_new_with_free_func(free_member);
	return geo;
}

void
ip_geo_free(struct ip_geo *geo)
{
	if (!geo)
		return;
	g_ptr_array_unref(geo->members);
	g_free(geo);
}

static const struct geo_type *
find_type(const char *name, GError **error)
{
	for (gsize i = 0; i < G_N_ELEMENTS(types); i++)
		if (g_str_has_suffix(name, types[i]->suffix))
			return types[i];
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
		    "its name ends in none of .mmdb, .csv and .tsv; unpack it, or name it after "
		    "what it is");
	return NULL;
}

static gboolean
is_in_limits(const struct ip_geo *geo, const struct ip_geo_input *input, GError **error)
{
	if (geo->members->len >= GEO_FILES_MAX) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_LIMIT, "more than %d files",
			    GEO_FILES_MAX);
		return FALSE;
	}
	if (g_bytes_get_size(input->bytes) > GEO_BYTES_MAX) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_LIMIT, "more than %d bytes",
			    GEO_BYTES_MAX);
		return FALSE;
	}
	return TRUE;
}

static struct member *
open_member(const struct ip_geo *geo, const struct ip_geo_input *input, GError **error)
{
	const struct geo_type *type = find_type(input->name, error);

	if (!type || !is_in_limits(geo, input, error))
		return NULL;
	struct member *member = g_new0(struct member, 1);
	member->type = type;
	member->about.name = g_strdup(input->name);
	member->about.made_at = input->modified_at;
	member->source = type->open(input->bytes, &member->about, error);
	if (!member->source)
		g_clear_pointer(&member, free_member);
	return member;
}

gboolean
ip_geo_add(struct ip_geo *geo, const struct ip_geo_input *input, GError **error)
{
	struct member *member = open_member(geo, input, error);

	if (!member) {
		g_prefix_error(error, "%s: ", input->name);
		return FALSE;
	}
	g_ptr_array_add(geo->members, member);
	return TRUE;
}

/* A name goes with its number: two files may not agree on the number. */
static void
merge(struct ip_place *to, const struct ip_place *from)
{
	if (to->asn == 0)
		to->asn = from->asn;
	if (to->asn != 0 && to->asn == from->asn && !*to->as_name)
		g_strlcpy(to->as_name, from->as_name, sizeof to->as_name);
	if (!*to->country)
		g_strlcpy(to->country, from->country, sizeof to->country);
}

void
ip_geo_find(const struct ip_geo *geo, const struct ip *ip, struct ip_place *ret_place)
{
	*ret_place = (struct ip_place){ 0 };
	if (ip_is_none(ip))
		return;
	for (guint i = 0; i < geo->members->len; i++) {
		const struct member *member = g_ptr_array_index(geo->members, i);
		struct ip_place place = { 0 };
		member->type->find(member->source, ip, &place);
		merge(ret_place, &place);
	}
}

guint
ip_geo_n_files(const struct ip_geo *geo)
{
	return geo->members->len;
}

const struct ip_geo_file *
ip_geo_file(const struct ip_geo *geo, guint n)
{
	const struct member *member = g_ptr_array_index(geo->members, n);

	return &member->about;
}
