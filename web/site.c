/* SPDX-License-Identifier: MIT */
#include "web/site.h"

#include <gio/gio.h>

#include "core/error.h"
#include "store/change_store.h"
#include "store/query_takedown.h"

#define TEMPLATE_FOLDER "/dmarcd/web/templates/"
#define STATIC_FOLDER   "/dmarcd/web/static/"
#define LOGIN_TRIES     10
#define LOGIN_WINDOW_S  900
#define TOKEN_TRIES     20
#define TOKEN_WINDOW_S  60
#define CHANGES_DAYS    30
#define DAY_S           86400

static const struct {
	const char *suffix;
	const char *type;
} types[] = {
	{ ".css", "text/css; charset=utf-8" },
	{ ".js", "text/javascript; charset=utf-8" },
	{ ".svg", "image/svg+xml" },
};

static void
close_view(gpointer view)
{
	store_view_close(view);
}

static GPrivate thread_view = G_PRIVATE_INIT(close_view);

static void
file_free(gpointer data)
{
	struct static_file *file = data;

	g_bytes_unref(file->bytes);
	g_clear_pointer(&file->zipped, g_bytes_unref);
	g_free(file->version);
	g_free(file->address);
	g_free(file);
}

static GBytes *
zip(GBytes *bytes)
{
	g_autoptr(GZlibCompressor) compressor =
		g_zlib_compressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP, 9);
	g_autoptr(GInputStream) plain = g_memory_input_stream_new_from_bytes(bytes);
	g_autoptr(GInputStream) stream =
		g_converter_input_stream_new(plain, G_CONVERTER(compressor));
	g_autoptr(GOutputStream) out = g_memory_output_stream_new_resizable();

	if (g_output_stream_splice(out, stream, G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET, NULL, NULL) <
	    0)
		return NULL;
	g_autoptr(GBytes) zipped =
		g_memory_output_stream_steal_as_bytes(G_MEMORY_OUTPUT_STREAM(out));
	if (g_bytes_get_size(zipped) >= g_bytes_get_size(bytes))
		return NULL;
	return g_steal_pointer(&zipped);
}

static const char *
find_type(const char *name)
{
	for (guint i = 0; i < G_N_ELEMENTS(types); i++) {
		if (g_str_has_suffix(name, types[i].suffix))
			return types[i].type;
	}
	return "application/octet-stream";
}

static void
add_file(struct site *site, const char *name, GBytes *bytes)
{
	struct static_file *file = g_new0(struct static_file, 1);
	g_autofree char *digest = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, bytes);

	file->type = find_type(name);
	file->bytes = g_bytes_ref(bytes);
	file->zipped = zip(bytes);
	file->version = g_strndup(digest, 12);
	file->address = g_strdup_printf("/static/%s?v=%s", name, file->version);
	g_hash_table_insert(site->files, g_strdup(name), file);
}

static gboolean
add_template(struct site *site, const char *file_name, GBytes *bytes, GChecksum *build,
	     GError **error)
{
	gsize len;
	const char *text = g_bytes_get_data(bytes, &len);
	g_autofree char *name = g_strndup(file_name, strcspn(file_name, "."));

	g_checksum_update(build, (const guchar *)text, (gssize)len);
	return template_set_add(site->templates, name, text, len, error);
}

/* Both folders are embedded in the program; a fault in them is a fault of the build. */
static gboolean
load(struct site *site, GError **error)
{
	g_auto(GStrv) templates = g_resources_enumerate_children(TEMPLATE_FOLDER, 0, error);
	g_auto(GStrv) files =
		templates ? g_resources_enumerate_children(STATIC_FOLDER, 0, error) : NULL;
	g_autoptr(GChecksum) build = g_checksum_new(G_CHECKSUM_SHA256);

	if (!files)
		return FALSE;
	for (char **name = templates; *name; name++) {
		g_autofree char *path = g_strconcat(TEMPLATE_FOLDER, *name, NULL);
		g_autoptr(GBytes) bytes = g_resources_lookup_data(path, 0, error);

		if (!bytes || !add_template(site, *name, bytes, build, error))
			return FALSE;
	}
	for (char **name = files; *name; name++) {
		g_autofree char *path = g_strconcat(STATIC_FOLDER, *name, NULL);
		g_autoptr(GBytes) bytes = g_resources_lookup_data(path, 0, error);

		if (!bytes)
			return FALSE;
		add_file(site, *name, bytes);
		g_checksum_update(build, (const guchar *)site_address(site, *name), -1);
	}
	site->build = g_strndup(g_checksum_get_string(build), 12);
	return template_set_check(site->templates, error);
}

/* A page without its template would be found by its first visitor. */
static gboolean
check_pages(const struct site *site, GError **error)
{
	for (guint i = 0; site->pages[i]; i++) {
		const char *template = site->pages[i]->template;

		if (!template || template_set_has(site->templates, template))
			continue;
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_FATAL,
			    "page \"%s\": there is no template \"%s\"", site->pages[i]->path,
			    template);
		return FALSE;
	}
	return TRUE;
}

struct site *
site_new(const struct web_options *options, const struct page_route *const *pages, GError **error)
{
	g_autoptr(site_auto) site = g_new0(struct site, 1);

	site->program_version = g_strdup(options->version);
	site->context = (struct page_context){
		.store = options->store,
		.hooks = options->hooks,
		.allow_documentation = options->allow_documentation,
		.metrics = options->metrics,
		.weights = options->weights ? *options->weights : weights_default(),
		.changes = options->changes,
		.version = site->program_version,
	};
	site->pages = pages;
	site->templates = template_set_new();
	site->files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, file_free);
	site->peers = ratelimit_new(LOGIN_TRIES, LOGIN_WINDOW_S);
	site->users = ratelimit_new(LOGIN_TRIES, LOGIN_WINDOW_S);
	site->bearers = ratelimit_new(TOKEN_TRIES, TOKEN_WINDOW_S);
	site->desk = upload_desk_new(options->mail_bytes);
	site->started_at = g_get_real_time() / G_USEC_PER_SEC;
	site->count_version = -1;
	g_mutex_init(&site->count_lock);
	if (!load(site, error) || !check_pages(site, error))
		return NULL;
	return g_steal_pointer(&site);
}

void
site_free(struct site *site)
{
	if (!site)
		return;
	g_mutex_clear(&site->count_lock);
	ratelimit_free(site->peers);
	ratelimit_free(site->users);
	ratelimit_free(site->bearers);
	upload_desk_free(site->desk);
	g_hash_table_unref(site->files);
	template_set_free(site->templates);
	g_free(site->build);
	g_free(site->program_version);
	g_free(site);
}

struct store_view *
site_view(struct site *site, GError **error)
{
	struct store_view *view = g_private_get(&thread_view);

	if (!view) {
		view = store_view_open(site->context.store, error);
		g_private_set(&thread_view, view);
	}
	return view;
}

const char *
site_address(const struct site *site, const char *name)
{
	const struct static_file *file = g_hash_table_lookup(site->files, name);

	return file ? file->address : "";
}

gint64
site_takedown_count(struct site *site, struct store_view *view)
{
	const struct scope scope = { .domain = NULL, .window = WINDOW_30D };
	struct query_takedown_counts counts;
	gint64 version = store_view_version(view);

	g_mutex_lock(&site->count_lock);
	gboolean is_known = site->count_version == version;
	gint64 count = site->count;
	g_mutex_unlock(&site->count_lock);
	if (is_known)
		return count;

	/* Asked without the lock: a page that waits is worse than a count that is asked twice. */
	if (!query_takedown_counts(view, &scope, site->context.allow_documentation, &counts, NULL))
		return -1;
	g_mutex_lock(&site->count_lock);
	site->count_version = version;
	site->count = counts.addresses;
	g_mutex_unlock(&site->count_lock);
	return counts.addresses;
}

gint64
site_change_count(struct store_view *view, const char *user, gint64 now)
{
	const struct change_question question = { .since = now / DAY_S - CHANGES_DAYS };
	gint64 seen_at;
	gint64 n;

	if (!query_change_visit(view, user, &seen_at, NULL) ||
	    !query_change_count(view, &question, seen_at, &n, NULL))
		return -1;
	return n;
}
