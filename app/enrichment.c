/* SPDX-License-Identifier: MIT */
#include "app/enrichment.h"

#include "core/error.h"
#include "enrich/table.h"
#include "ingest/file.h"

#define DAY_S 86400

struct user_file {
	const char *path;
	GBytes *bytes;
	gint64 modified_at;
};

/* Adds a file and appends to about what is in it. */
typedef gboolean (*add_fn)(struct enrichment *enrichment, const struct user_file *file,
			   GString *about, GError **error);

/* One option that lists files. */
struct file_kind {
	const char *option;
	gsize offset; /* of the GStrv in struct config */
	gsize bytes_max;
	add_fn add;
};

typedef gboolean (*table_fn)(struct catalogue *catalogue, const char *bytes, gsize len,
			     guint *ret_left_out, GError **error);

/* ---- words ---- */

static void
append_age(GString *about, gint64 made_at)
{
	g_autoptr(GDateTime) date = g_date_time_new_from_unix_utc(made_at);
	gint64 age = g_get_real_time() / G_USEC_PER_SEC - made_at;

	if (made_at <= 0 || !date) {
		g_string_append(about, ", of unknown age");
		return;
	}
	g_autofree char *day = g_date_time_format(date, "%Y-%m-%d");
	g_string_append_printf(about, ", of %s (%" G_GINT64_FORMAT " days old)", day,
			       MAX(age, 0) / DAY_S);
}

static void
append_left_out(GString *about, guint left_out)
{
	if (left_out > 0)
		g_string_append_printf(about, ", %u rows or items left out as not usable",
				       left_out);
}

/* ---- files ---- */

static gboolean
add_table(struct enrichment *enrichment, const struct user_file *file, table_fn add, GString *about,
	  GError **error)
{
	gsize len;
	const char *bytes = g_bytes_get_data(file->bytes, &len);
	guint before = catalogue_n_senders(enrichment->catalogue);
	guint left_out;

	if (!add(enrichment->catalogue, bytes, len, &left_out, error)) {
		g_prefix_error(error, "%s: ", file->path);
		return FALSE;
	}
	g_string_append_printf(about, "new senders: %u",
			       catalogue_n_senders(enrichment->catalogue) - before);
	append_left_out(about, left_out);
	append_age(about, file->modified_at);
	return TRUE;
}

static gboolean
add_senders(struct enrichment *enrichment, const struct user_file *file, GString *about,
	    GError **error)
{
	return add_table(enrichment, file, catalogue_add_senders, about, error);
}

static gboolean
add_map(struct enrichment *enrichment, const struct user_file *file, GString *about, GError **error)
{
	return add_table(enrichment, file, catalogue_add_map, about, error);
}

static gboolean
add_geo(struct enrichment *enrichment, const struct user_file *file, GString *about, GError **error)
{
	const struct ip_geo_input input = { file->path, file->bytes, file->modified_at };

	if (!ip_geo_add(enrichment->geo, &input, error))
		return FALSE;
	const struct ip_geo_file *added =
		ip_geo_file(enrichment->geo, ip_geo_n_files(enrichment->geo) - 1);
	g_string_append(about, added->kind);
	if (added->rows > 0)
		g_string_append_printf(about, " of %u networks", added->rows);
	append_left_out(about, added->left_out);
	append_age(about, added->made_at);
	return TRUE;
}

static const struct file_kind file_kinds[] = {
	{ "senders_files", G_STRUCT_OFFSET(struct config, senders_files), TABLE_BYTES_MAX,
	  add_senders },
	{ "senders_maps", G_STRUCT_OFFSET(struct config, senders_maps), TABLE_BYTES_MAX, add_map },
	{ "geo_databases", G_STRUCT_OFFSET(struct config, geo_databases), GEO_BYTES_MAX, add_geo },
};

static GBytes *
read_bytes(const struct file_kind *kind, const char *path, GError **error)
{
	g_autoptr(GError) cause = NULL;
	GBytes *bytes = file_read(path, kind->bytes_max, &cause);

	if (!bytes)
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_DENIED,
			    "%s; mend the path, or take it out of %s", cause->message,
			    kind->option);
	return bytes;
}

static gboolean
load_file(struct enrichment *enrichment, const struct file_kind *kind, const char *path,
	  GString *about, GError **error)
{
	g_autoptr(GBytes) bytes = read_bytes(kind, path, error);
	const struct user_file file = { path, bytes, bytes ? file_modified_at(path) : 0 };

	if (bytes && kind->add(enrichment, &file, about, error))
		return TRUE;
	g_prefix_error(error, "%s: ", kind->option);
	return FALSE;
}

static char **
paths_of(const struct config *config, const struct file_kind *kind)
{
	gconstpointer member = G_STRUCT_MEMBER_P(config, kind->offset);

	return *(char **const *)member;
}

/* ---- all of it ---- */

struct enrichment *
enrichment_new_builtin(void)
{
	struct enrichment *enrichment = g_new0(struct enrichment, 1);

	enrichment->catalogue = catalogue_new_builtin();
	enrichment->reporters = known_reporters_new_builtin();
	enrichment->org_domains = org_domains_new();
	enrichment->geo = ip_geo_new();
	return enrichment;
}

struct enrichment *
enrichment_load(const struct config *config, GError **error)
{
	g_autoptr(enrichment_auto) enrichment = enrichment_new_builtin();
	g_autoptr(GString) about = g_string_new(NULL);

	for (gsize i = 0; i < G_N_ELEMENTS(file_kinds); i++)
		for (char **path = paths_of(config, &file_kinds[i]); path && *path; path++)
			if (!load_file(enrichment, &file_kinds[i], *path, about, error))
				return NULL;
	return g_steal_pointer(&enrichment);
}

void
enrichment_free(struct enrichment *enrichment)
{
	if (!enrichment)
		return;
	catalogue_free(enrichment->catalogue);
	known_reporters_free(enrichment->reporters);
	org_domains_free(enrichment->org_domains);
	ip_geo_free(enrichment->geo);
	g_free(enrichment);
}

static void
tell_builtin(const struct enrichment *enrichment, enrichment_tell_fn tell, gpointer data)
{
	g_autofree char *senders = g_strdup_printf("%u come with the program",
						   catalogue_n_senders(enrichment->catalogue));
	g_autofree char *reporters = g_strdup_printf("%u come with the program",
						     known_reporters_n(enrichment->reporters));
	g_autoptr(GString) list = g_string_new("read");

	append_age(list, org_domains_made_at(enrichment->org_domains));
	g_string_append(list, "; a newer one comes with the package publicsuffix");
	tell(data, "known senders", TRUE, senders);
	tell(data, "known reporters", TRUE, reporters);
	tell(data, "public suffix list", TRUE, list->str);
}

void
enrichment_examine(const struct config *config, enrichment_tell_fn tell, gpointer data)
{
	g_autoptr(enrichment_auto) enrichment = enrichment_new_builtin();

	tell_builtin(enrichment, tell, data);
	for (gsize i = 0; i < G_N_ELEMENTS(file_kinds); i++) {
		for (char **path = paths_of(config, &file_kinds[i]); path && *path; path++) {
			g_autoptr(GString) about = g_string_new(NULL);
			g_autoptr(GError) error = NULL;
			gboolean is_well =
				load_file(enrichment, &file_kinds[i], *path, about, &error);
			tell(data, *path, is_well, is_well ? about->str : error->message);
		}
	}
}
