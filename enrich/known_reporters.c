/* SPDX-License-Identifier: MIT */
#include "enrich/known_reporters.h"

#include <string.h>

#include <gio/gio.h>

#include "enrich/suffix.h"
#include "enrich/table.h"

#define BUILTIN          "/dmarcd/schema/known_reporters.tsv"
#define STRING_CHUNK_LEN 4096

struct known_reporters {
	GStringChunk *strings;
	GHashTable *by_domain; /* domain to struct known_reporter *, owned */
};

static const char *const confidence_names[N_CONFIDENCES] = {
	[CONFIDENCE_LOW] = "low",
	[CONFIDENCE_MEDIUM] = "medium",
	[CONFIDENCE_HIGH] = "high",
};

static void
free_reporter(gpointer data)
{
	struct known_reporter *reporter = data;

	g_strfreev(reporter->report_from);
	g_free(reporter);
}

/* A row without a domain is left out. Whatever is not plainly "no" is shared. */
static void
add_row(gpointer data, const struct table *table)
{
	struct known_reporters *reporters = data;
	char *domain = g_string_chunk_insert_const(reporters->strings, table_cell(table, "domain"));

	if (!table_is_domain(domain))
		return;
	struct known_reporter *reporter = g_new0(struct known_reporter, 1);
	reporter->domain = domain;
	reporter->name = g_string_chunk_insert_const(reporters->strings, table_cell(table, "name"));
	reporter->country =
		g_string_chunk_insert_const(reporters->strings, table_cell(table, "country"));
	reporter->report_from = table_items(table, "report_from");
	reporter->is_shared = !g_str_equal(table_cell(table, "shared"), "no");
	reporter->confidence =
		table_word(table, "confidence", confidence_names, N_CONFIDENCES, CONFIDENCE_LOW);
	g_hash_table_replace(reporters->by_domain, domain, reporter);
}

struct known_reporters *
known_reporters_read(const char *bytes, gsize len, GError **error)
{
	g_autoptr(known_reporters_auto) reporters = g_new0(struct known_reporters, 1);
	const struct table_input input = {
		.bytes = bytes, .len = len, .separator = '\t', .key = "domain"
	};

	reporters->strings = g_string_chunk_new(STRING_CHUNK_LEN);
	reporters->by_domain = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_reporter);
	if (!table_read(&input, add_row, reporters, error))
		return NULL;
	return g_steal_pointer(&reporters);
}

struct known_reporters *
known_reporters_new_builtin(void)
{
	g_autoptr(GBytes) bytes =
		g_resources_lookup_data(BUILTIN, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
	gsize len;
	const char *start = g_bytes_get_data(bytes, &len);
	struct known_reporters *reporters = known_reporters_read(start, len, NULL);

	g_assert_nonnull(reporters);
	return reporters;
}

void
known_reporters_free(struct known_reporters *reporters)
{
	if (!reporters)
		return;
	g_hash_table_unref(reporters->by_domain);
	g_string_chunk_free(reporters->strings);
	g_free(reporters);
}

const struct known_reporter *
known_reporters_find(const struct known_reporters *reporters, const char *domain)
{
	return suffix_find(reporters->by_domain, domain);
}

/* "user@*.domain" is that user at any host below the domain. */
static gboolean
is_address(const char *from, const char *known)
{
	const char *star = strstr(known, "@*.");

	if (!star)
		return g_ascii_strcasecmp(from, known) == 0;
	gsize user_len = (gsize)(star - known) + 1;
	const char *suffix = star + 2;
	gsize from_len = strlen(from);
	return from_len > user_len + strlen(suffix) &&
	       g_ascii_strncasecmp(from, known, user_len) == 0 &&
	       g_ascii_strcasecmp(from + from_len - strlen(suffix), suffix) == 0;
}

gboolean
known_reporter_is_established(const struct known_reporter *reporter, const char *from)
{
	if (reporter->confidence == CONFIDENCE_LOW)
		return FALSE;
	if (!reporter->is_shared)
		return TRUE;
	for (gsize i = 0; reporter->report_from[i]; i++)
		if (*reporter->report_from[i] && is_address(from, reporter->report_from[i]))
			return TRUE;
	return FALSE;
}

guint
known_reporters_n(const struct known_reporters *reporters)
{
	return g_hash_table_size(reporters->by_domain);
}
