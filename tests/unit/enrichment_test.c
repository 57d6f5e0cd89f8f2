/* SPDX-License-Identifier: MIT */
/* The files of the administrator and what comes with the program, in one; errors name the file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <glib/gstdio.h>

#include "app/enrichment.h"
#include "app/judging.h"
#include "core/error.h"

#define GEO "tests/fuzz/ip_geo/ipinfo-lite.mmdb"

struct folder {
	char *path;
	char *senders;
	char *map;
	char *broken;
};

static char *
write_file(const struct folder *folder, const char *name, const char *text)
{
	char *path = g_build_filename(folder->path, name, NULL);

	assert_true(g_file_set_contents(path, text, -1, NULL));
	return path;
}

static int
make_folder(void **state)
{
	struct folder *folder = g_new0(struct folder, 1);

	folder->path = g_dir_make_tmp("dmarcd-enrichment-XXXXXX", NULL);
	folder->senders = write_file(folder, "senders.tsv",
				     "id\tname\trdns_suffixes\npost\tPost\tmta.post.example\n"
				     "B A D\tNo id\tbad.example\n");
	folder->map = write_file(folder, "map.csv",
				 "base_reverse_dns,name,type\nmap.example,Map,Marketing\n");
	folder->broken = write_file(folder, "broken.tsv", "name\nPost\n");
	*state = folder;
	return 0;
}

static int
remove_folder(void **state)
{
	struct folder *folder = *state;
	char *const files[] = { folder->senders, folder->map, folder->broken };

	for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
		g_unlink(files[i]);
		g_free(files[i]);
	}
	g_rmdir(folder->path);
	g_free(folder->path);
	g_free(folder);
	return 0;
}

static GStrv
list_of(const char *path)
{
	g_autoptr(GStrvBuilder) list = g_strv_builder_new();

	if (path)
		g_strv_builder_add(list, path);
	return g_strv_builder_end(list);
}

static struct config *
make_config(const char *senders, const char *map, const char *geo)
{
	struct config *config = config_load(NULL, NULL);

	g_strfreev(config->senders_files);
	g_strfreev(config->senders_maps);
	g_strfreev(config->geo_databases);
	config->senders_files = list_of(senders);
	config->senders_maps = list_of(map);
	config->geo_databases = list_of(geo);
	return config;
}

static void
without_files_it_knows_what_comes_with_the_program(void **state)
{
	g_autoptr(config_auto) config = make_config(NULL, NULL, NULL);
	g_autoptr(enrichment_auto) e = enrichment_load(config, NULL);
	struct ip_place place;
	struct ip ip;

	(void)state;
	assert_true(catalogue_n_senders(e->catalogue) > 100);
	assert_true(known_reporters_n(e->reporters) > 50);
	assert_string_equal(org_domain_of(e->org_domains, "a.b.example"), "b.example");
	assert_true(ip_parse("198.51.100.7", &ip));
	ip_geo_find(e->geo, &ip, &place);
	assert_int_equal(place.asn, 0);
}

static void
files_add_to_it(void **state)
{
	const struct folder *folder = *state;
	g_autoptr(config_auto) config = make_config(folder->senders, folder->map, GEO);
	g_autoptr(enrichment_auto) e = enrichment_load(config, NULL);
	struct ip_place place;
	struct ip ip;

	assert_string_equal(catalogue_find_rdns(e->catalogue, "a.mta.post.example")->id, "post");
	assert_string_equal(catalogue_find_rdns(e->catalogue, "a.map.example")->name, "Map");
	assert_true(ip_parse("198.51.100.7", &ip));
	ip_geo_find(e->geo, &ip, &place);
	assert_int_equal(place.asn, 64500);
	assert_string_equal(place.country, "DE");
}

static void
the_judge_names_senders_of_files(void **state)
{
	const struct folder *folder = *state;
	g_autoptr(config_auto) config = make_config(folder->senders, NULL, NULL);
	const struct judging_options options = {
		.weights = weights_default(),
		.enrichment = enrichment_load(config, NULL),
	};
	const struct store_judge *judge = judging_new(&options);

	assert_string_equal(judging_find_sender(judge->cookie, "post")->name, "Post");
	assert_null(judging_find_sender(judge->cookie, "mta.post.example"));
	assert_string_equal(judging_find_org(judge->cookie, "a.b.example"), "b.example");
	judge->free(judge->cookie);
}

static void
check_refused(const struct config *config, enum dmarcd_error code, const char *const *words)
{
	g_autoptr(GError) error = NULL;

	assert_null(enrichment_load(config, &error));
	assert_true(g_error_matches(error, DMARCD_ERROR, (gint)code));
	for (gsize i = 0; words[i]; i++)
		if (!strstr(error->message, words[i]))
			fail_msg("\"%s\" has no \"%s\"", error->message, words[i]);
}

static void
a_file_that_cannot_be_used_is_named(void **state)
{
	const struct folder *folder = *state;
	g_autoptr(config_auto) broken = make_config(folder->broken, NULL, NULL);
	g_autoptr(config_auto) wrong = make_config(NULL, folder->broken, NULL);
	g_autoptr(config_auto) no_geo = make_config(NULL, NULL, folder->broken);
	g_autoptr(config_auto) missing = make_config(NULL, NULL, "/nowhere/a.mmdb");
	const char *const in_senders[] = { "senders_files", folder->broken, "line 1", "\"id\"",
					   NULL };
	const char *const in_map[] = { "senders_maps", folder->broken, "line 1", NULL };
	const char *const in_geo[] = { "geo_databases", folder->broken, "line 1", NULL };
	const char *const nowhere[] = { "geo_databases", "/nowhere/a.mmdb", "mend the path", NULL };

	check_refused(broken, DMARCD_ERROR_INVALID, in_senders);
	check_refused(wrong, DMARCD_ERROR_INVALID, in_map);
	check_refused(no_geo, DMARCD_ERROR_INVALID, in_geo);
	check_refused(missing, DMARCD_ERROR_DENIED, nowhere);
}

struct heard {
	GString *text;
	guint n_bad;
};

static void
hear(gpointer data, const char *what, gboolean is_well, const char *text)
{
	struct heard *heard = data;

	g_string_append_printf(heard->text, "%s: %s\n", what, text);
	heard->n_bad += !is_well;
}

static void
each_file_is_told_of_with_its_age(void **state)
{
	const struct folder *folder = *state;
	g_autoptr(config_auto) config = make_config(folder->senders, folder->broken, GEO);
	g_autoptr(GString) text = g_string_new(NULL);
	struct heard heard = { text, 0 };

	enrichment_examine(config, hear, &heard);
	assert_int_equal(heard.n_bad, 1);
	assert_non_null(strstr(text->str, "new senders: 1, 1 rows or items left out"));
	assert_non_null(strstr(text->str, "(0 days old)"));
	assert_non_null(strstr(text->str, "line 1"));
	assert_non_null(strstr(text->str, GEO ": ipinfo generic_bundle_lite_sample.mmdb, of "
					      "2026-01-01 ("));
	assert_non_null(strstr(text->str, "public suffix list: read, of 20"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_files_it_knows_what_comes_with_the_program),
		cmocka_unit_test(files_add_to_it),
		cmocka_unit_test(the_judge_names_senders_of_files),
		cmocka_unit_test(a_file_that_cannot_be_used_is_named),
		cmocka_unit_test(each_file_is_told_of_with_its_age),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
