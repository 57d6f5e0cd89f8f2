/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glib/gstdio.h>

#include "app/config.h"
#include "core/error.h"

static struct config *
load_text(const char *text, GError **error)
{
	g_autofree char *path = NULL;
	int fd = g_file_open_tmp("dmarcd-config-XXXXXX", &path, NULL);

	assert_true(fd >= 0);
	g_close(fd, NULL);
	assert_true(g_file_set_contents(path, text, -1, NULL));
	struct config *config = config_load(path, error);
	g_unlink(path);
	return config;
}

static void
has_defaults_without_a_file(void **state)
{
	(void)state;
	g_unsetenv("STATE_DIRECTORY");
	g_autoptr(config_auto) config = config_load(NULL, NULL);
	assert_string_equal(config->store_url, "sqlite:data/dmarcd.db");
	assert_string_equal(config->web_listen, "127.0.0.1:8080");
	assert_false(config->allow_documentation_addresses);
	assert_int_equal(config->intakes->len, 0);
}

static void
keeps_the_store_in_the_state_directory(void **state)
{
	(void)state;
	g_setenv("STATE_DIRECTORY", "/var/lib/dmarcd", TRUE);
	g_autoptr(config_auto) config = config_load(NULL, NULL);
	assert_string_equal(config->store_url, "sqlite:/var/lib/dmarcd/dmarcd.db");
	g_unsetenv("STATE_DIRECTORY");
}

static void
reads_every_kind_of_option(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(config_auto) config = load_text(
		"trusted_authserv = {\"mx.one.example\", \"mx.two.example\"}\n"
		"allow_documentation_addresses = yes\n"
		"store { url = \"sqlite:/tmp/x.db\" }\n"
		"web { listen = \"[::1]:9000\" }\n"
		"retention { failure_days = 7 }\n"
		"intake \"drop\" { type = maildir path = \"/var/mail/dmarc\" }\n"
		"intake \"old\" { type = maildir path = \"/var/mail/old\" move_to = \"/m\" }\n",
		&error);

	(void)state;
	assert_null(error);
	assert_string_equal(config->store_url, "sqlite:/tmp/x.db");
	assert_string_equal(config->web_listen, "[::1]:9000");
	assert_true(config->allow_documentation_addresses);
	assert_int_equal(config->retention.failure_days, 7);
	assert_int_equal(config->retention.quarantine_days, 30);
	assert_string_equal(config->trusted_authserv[1], "mx.two.example");
	assert_int_equal(config->intakes->len, 2);
	const struct intake_config *old = g_ptr_array_index(config->intakes, 1);
	assert_string_equal(old->name, "old");
	assert_string_equal(old->move_to, "/m");
}

static void
reads_the_files_of_the_administrator(void **state)
{
	g_autoptr(config_auto) config =
		load_text("enrich { geo_databases = {\"/a/Asn.mmdb\", \"/b.csv\"}\n"
			  "senders_files = {\"/s.tsv\"} senders_maps = {\"/m.csv\"} }\n",
			  NULL);
	g_autoptr(config_auto) none = load_text("", NULL);

	(void)state;
	assert_string_equal(config->geo_databases[0], "/a/Asn.mmdb");
	assert_string_equal(config->geo_databases[1], "/b.csv");
	assert_null(config->geo_databases[2]);
	assert_string_equal(config->senders_files[0], "/s.tsv");
	assert_string_equal(config->senders_maps[0], "/m.csv");
	assert_null(none->geo_databases[0]);
	assert_null(none->senders_files[0]);
}

static void
look_ups_are_off_until_they_are_switched_on(void **state)
{
	g_autoptr(config_auto) config = config_load(NULL, NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(config_auto) own = load_text(
		"dns { enabled = yes servers = {\"127.0.0.1:5353\"} timeout_ms = 500 budget = 9\n"
		"rdns = no own_spf = no org_domain = no blocklists = {\"zen.spamhaus.org\"}\n"
		"abusix_key_file = \"/k/a\" spamhaus_key_file = \"/k/s\" }\n",
		&error);

	(void)state;
	assert_false(config->dns.is_enabled);
	assert_null(config->dns.servers[0]);
	assert_null(config->dns.blocklists[0]);
	assert_true(config->dns.want_rdns && config->dns.want_own_spf &&
		    config->dns.want_org_domain);
	assert_null(error);
	assert_true(own->dns.is_enabled);
	assert_string_equal(own->dns.servers[0], "127.0.0.1:5353");
	assert_int_equal(own->dns.timeout_ms, 500);
	assert_int_equal(own->dns.budget, 9);
	assert_false(own->dns.want_rdns || own->dns.want_own_spf || own->dns.want_org_domain);
	assert_string_equal(own->dns.blocklists[0], "zen.spamhaus.org");
	assert_string_equal(own->dns.abusix_key_file, "/k/a");
	assert_string_equal(own->dns.spamhaus_key_file, "/k/s");
}

static void
look_ups_that_must_not_be_are_refused(void **state)
{
	static const char *const cases[] = {
		"dns { servers = {\"ns.example\"} }",
		"dns { timeout_ms = 99 }",
		"dns { budget = 0 }",
		"dns { blocklists = {\"dnsbl.sorbs.net\"} }",
		"dns { blocklists = {\"dbl.spamhaus.org\"} }",
		"dns { blocklists = {\"list.example\"} }",
	};

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		assert_null(load_text(cases[i], &error));
		assert_int_equal(error->code, DMARCD_ERROR_INVALID);
		assert_non_null(strstr(error->message, ": dns: "));
	}
}

static void
reads_an_imap_mailbox(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(config_auto) config = load_text(
		"intake \"box\" { type = imap url = \"imaps://mail.example.org/\" user = \"ann\"\n"
		"folders = {\"INBOX\", \"DMARC/*\"} move_to = \"Done\" }\n"
		"store { url = \"sqlite:/var/x/x.db\" }\n"
		"intake \"a/b\" { type = imap oauth_provider = google oauth_token_file = \"/t\" "
		"}\n",
		&error);

	(void)state;
	assert_null(error);
	const struct intake_config *box = g_ptr_array_index(config->intakes, 0);
	assert_string_equal(box->url, "imaps://mail.example.org/");
	assert_string_equal(box->user, "ann");
	assert_string_equal(box->folders[1], "DMARC/*");
	assert_null(box->folders[2]);
	assert_string_equal(box->tls, "required");
	assert_string_equal(box->after, "");
	assert_int_equal(box->poll_seconds, 120);
	assert_string_equal(box->oauth_provider, "");
	assert_string_equal(box->oauth_token_file, "/var/x/oauth.box");
	box = g_ptr_array_index(config->intakes, 1);
	assert_string_equal(box->oauth_provider, "google");
	assert_string_equal(box->oauth_tenant, "common");
	assert_string_equal(box->oauth_token_file, "/t");
}

static void
names_file_and_line_of_a_mistake(void **state)
{
	g_autoptr(GError) error = NULL;

	(void)state;
	assert_null(load_text("web {\n\tlisten = \"x\"\n\tbogus = 1\n}\n", &error));
	assert_true(g_error_matches(error, DMARCD_ERROR, DMARCD_ERROR_INVALID));
	assert_non_null(strstr(error->message, ":3:"));
	assert_non_null(strstr(error->message, "bogus"));
}

static void
refuses_a_number_below_zero(void **state)
{
	g_autoptr(GError) error = NULL;

	(void)state;
	assert_null(load_text("retention {\n\tfailure_days = -1\n}\n", &error));
	assert_true(g_error_matches(error, DMARCD_ERROR, DMARCD_ERROR_INVALID));
	assert_non_null(strstr(error->message, "failure_days"));
}

static void
says_which_file_is_missing(void **state)
{
	g_autoptr(GError) error = NULL;

	(void)state;
	assert_null(config_load("/nonexistent/dmarcd.conf", &error));
	assert_true(g_error_matches(error, DMARCD_ERROR, DMARCD_ERROR_DENIED));
	assert_non_null(strstr(error->message, "/nonexistent/dmarcd.conf"));
}

static void
knows_how_to_log(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(config_auto) defaults = config_load(NULL, NULL);
	g_autoptr(config_auto) config =
		load_text("log { format = json level = warning }\n", &error);

	(void)state;
	assert_int_equal(defaults->log.format, LOG_FORMAT_TEXT);
	assert_int_equal(defaults->log.level, LOG_INFO);
	assert_null(error);
	assert_int_equal(config->log.format, LOG_FORMAT_JSON);
	assert_int_equal(config->log.level, LOG_WARNING);
	assert_null(load_text("\nlog { format = xml }\n", &error));
	assert_non_null(strstr(error->message, ":2: format has to be text, json"));
	g_clear_error(&error);
	assert_null(load_text("log { level = loud }\n", &error));
	assert_non_null(strstr(error->message, ":1: level has to be error, warning"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_defaults_without_a_file),
		cmocka_unit_test(keeps_the_store_in_the_state_directory),
		cmocka_unit_test(reads_every_kind_of_option),
		cmocka_unit_test(reads_the_files_of_the_administrator),
		cmocka_unit_test(look_ups_are_off_until_they_are_switched_on),
		cmocka_unit_test(look_ups_that_must_not_be_are_refused),
		cmocka_unit_test(reads_an_imap_mailbox),
		cmocka_unit_test(names_file_and_line_of_a_mistake),
		cmocka_unit_test(refuses_a_number_below_zero),
		cmocka_unit_test(says_which_file_is_missing),
		cmocka_unit_test(knows_how_to_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
