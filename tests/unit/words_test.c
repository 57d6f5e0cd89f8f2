/* SPDX-License-Identifier: MIT */
/* The table of words against what uses it: every key is there, and every key is used. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <gio/gio.h>

#include "web/words.h"

#define TEMPLATES "/dmarcd/web/templates/"

/* Keys that are put together while running. */
static const char *const made_up[] = {
	"class.",         "month.",          "period.",          "filter.",
	"terms.period_",  "source.heading_", "sources.heading_", "sources.note_",
	"overview.link_", "takedown.left_",  "takedown.reason_", "status.n_",
	"status.did_",    "help.",           "report.",          "appearance.",
	"menu.",          "error.",          "status.kind_",     "failures.",
	"complaints.",    "bounces.",        "column.",          "member.",
	"member_note.",   "authenticated.",  "score.",           "changed.",
	"rule.r",         "guard.",          "because.",         "rules.kind_",
	"rules.class_",   "reporters.why_",  "source.rdns_",     "source.list_",
	"ready.",         "sender.kind_",
};

static char *
read_table(void)
{
	g_autoptr(GBytes) bytes = g_resources_lookup_data("/dmarcd/web/i18n/en.msg",
							  G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
	gsize len;
	const char *start = g_bytes_get_data(bytes, &len);

	return g_strndup(start, len);
}

static char *
read_template(const char *name)
{
	g_autofree char *path = g_strconcat(TEMPLATES, name, NULL);
	g_autoptr(GBytes) bytes = g_resources_lookup_data(path, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
	gsize len;
	const char *start = g_bytes_get_data(bytes, &len);

	return g_strndup(start, len);
}

static void
every_word_of_a_template_is_in_the_table(void **state)
{
	g_auto(GStrv) names =
		g_resources_enumerate_children(TEMPLATES, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
	g_autoptr(GRegex) regex = g_regex_new("\\{\\{&?_t\\.([a-z0-9_.]+)\\}\\}", 0, 0, NULL);
	guint n = 0;

	(void)state;
	for (gsize i = 0; names[i]; i++) {
		g_autofree char *text = read_template(names[i]);
		g_autoptr(GMatchInfo) match = NULL;
		for (g_regex_match(regex, text, 0, &match); g_match_info_matches(match);
		     g_match_info_next(match, NULL)) {
			g_autofree char *key = g_match_info_fetch(match, 1);
			if (!words_find(key))
				fail_msg("%s: %s is not in the table", names[i], key);
			n++;
		}
	}
	assert_true(n > 100);
}

static void
a_key_stands_once(void **state)
{
	g_autofree char *table = read_table();
	g_auto(GStrv) lines = g_strsplit(table, "\n", -1);
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	(void)state;
	for (gsize i = 0; lines[i]; i++) {
		char *equals = strstr(lines[i], " = ");
		if (lines[i][0] == '#' || !equals)
			continue;
		if (!g_hash_table_add(seen, g_strndup(lines[i], (gsize)(equals - lines[i]))))
			fail_msg("%s stands twice", lines[i]);
	}
}

static void
numbers_come_in_pairs_with_the_same_places(void **state)
{
	g_autofree char *table = read_table();
	g_autoptr(GHashTable) texts = words_read(table);
	GHashTableIter iter;
	gpointer key;

	(void)state;
	g_hash_table_iter_init(&iter, texts);
	while (g_hash_table_iter_next(&iter, &key, NULL)) {
		if (!g_str_has_suffix(key, ".one"))
			continue;
		g_autofree char *other =
			g_strdup_printf("%.*s.other", (int)strlen(key) - 4, (const char *)key);
		if (!words_find(other))
			fail_msg("%s has no %s", (const char *)key, other);
	}
}

/* Is key a text of its own somewhere in sources, or the beginning of one that is put together? */
static gboolean
is_used(const char *sources, const char *key)
{
	g_autofree char *base = g_strdup(key);
	g_autofree char *whole = g_strdup_printf("\"%s\"", key);
	char *number = g_str_has_suffix(base, ".one")     ? base + strlen(base) - 4
		       : g_str_has_suffix(base, ".other") ? base + strlen(base) - 6
							  : NULL;

	if (number)
		*number = '\0';
	g_autofree char *quoted = g_strdup_printf("\"%s\"", base);
	g_autofree char *tag = g_strdup_printf("_t.%s}}", base);
	if (strstr(sources, whole) || strstr(sources, quoted) || strstr(sources, tag))
		return TRUE;
	for (gsize i = 0; i < G_N_ELEMENTS(made_up); i++)
		if (g_str_has_prefix(key, made_up[i]))
			return TRUE;
	return FALSE;
}

static void
append_folder(GString *text, const char *folder, const char *suffix)
{
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(folder, name, NULL);
		g_autofree char *content = NULL;
		if (g_str_has_suffix(name, suffix) &&
		    g_file_get_contents(path, &content, NULL, NULL))
			g_string_append(text, content);
	}
}

static void
every_key_is_used_and_every_used_key_is_there(void **state)
{
	g_autoptr(GString) sources = g_string_new(NULL);
	g_autofree char *table = read_table();
	g_autoptr(GHashTable) texts = words_read(table);
	g_autoptr(GRegex) regex = g_regex_new(
		"(?:words_get|say_text|say_html|words_find)\\(\\s*\"([a-z0-9_.]+)\"", 0, 0, NULL);
	g_autoptr(GMatchInfo) match = NULL;
	GHashTableIter iter;
	gpointer key;

	(void)state;
	append_folder(sources, "web", ".c");
	append_folder(sources, "analysis", ".c");
	append_folder(sources, "web/templates", ".html");
	if (sources->len == 0)
		skip(); /* not run from the folder of the sources */
	g_hash_table_iter_init(&iter, texts);
	while (g_hash_table_iter_next(&iter, &key, NULL))
		if (!is_used(sources->str, key))
			fail_msg("nobody uses %s", (const char *)key);
	for (g_regex_match(regex, sources->str, 0, &match); g_match_info_matches(match);
	     g_match_info_next(match, NULL)) {
		g_autofree char *used = g_match_info_fetch(match, 1);
		g_autofree char *one = g_strconcat(used, ".one", NULL);
		if (!words_find(used) && !words_find(one))
			fail_msg("%s is not in the table", used);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_word_of_a_template_is_in_the_table),
		cmocka_unit_test(a_key_stands_once),
		cmocka_unit_test(numbers_come_in_pairs_with_the_same_places),
		cmocka_unit_test(every_key_is_used_and_every_used_key_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
