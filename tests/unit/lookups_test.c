/* SPDX-License-Identifier: MIT */
/* The look-up thread with a store that is a table: what it asks, what it keeps, whom it holds up.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "app/lookups.h"
#include "core/error.h"
#include "tests/support/dns_house.h"

#define WAIT_US    (10 * (gint64)G_USEC_PER_SEC)
#define NO_TIME_US (G_USEC_PER_SEC / 10)
#define GOOD_SCRIPT                                              \
	"1.2.0.192.in-addr.arpa 86400 PTR mail.hinoki.example\n" \
	"mail.hinoki.example 86400 A 192.0.2.1\n"                \
	"2.0.0.127.zen.spamhaus.org 300 A 127.0.0.2\n"           \
	"1.2.0.192.zen.spamhaus.org 300 A 127.0.0.4\n"           \
	"_dmarc.hinoki.example 3600 TXT v=DMARC1; p=none\n"      \
	"hinoki.example 3600 TXT v=spf1 ip4:192.0.2.0/28 include:esp.example -all\n"

/* --- A store --- */

struct desk {
	GMutex lock;
	GCond changed;
	guint n_wanted; /* addresses 192.0.2.1 and on */
	gboolean wants_domain;
	gboolean is_full; /* nothing can be stored */
	guint n_next;
	guint n_stored;
	GString *said;
};

static void
next(gpointer data, struct lookup_round *round)
{
	struct desk *desk = data;
	struct ip ip;

	g_mutex_lock(&desk->lock);
	desk->n_next++;
	assert_true(ip_parse("192.0.2.0", &ip));
	for (guint i = 1; i <= desk->n_wanted; i++) {
		ip.bytes[15] = (guint8)i;
		lookup_round_add_address(round, &ip, TRUE, TRUE);
	}
	if (desk->wants_domain)
		lookup_round_add_domain(round, "hinoki.example", TRUE, TRUE);
	g_cond_broadcast(&desk->changed);
	g_mutex_unlock(&desk->lock);
}

static void
tell_address(struct desk *desk, const struct lookup_address *address)
{
	char ip[IP_TEXT_LEN];

	if (address->has_rdns)
		g_string_append_printf(desk->said, "%s rdns %d %s\n", ip_format(&address->ip, ip),
				       address->rdns.state, address->rdns.name);
	if (address->has_dnsbl)
		g_string_append_printf(desk->said, "%s dnsbl %d\n", ip_format(&address->ip, ip),
				       (int)address->dnsbl.n_spam);
}

static void
tell_domain(struct desk *desk, const struct lookup_domain *domain)
{
	if (domain->spf)
		g_string_append_printf(desk->said, "%s spf %d services %u\n", domain->name,
				       domain->spf->state, domain->spf->services->len);
	if (domain->has_org)
		g_string_append_printf(desk->said, "%s org %d %s\n", domain->name,
				       domain->org.state, domain->org.domain);
}

/* What was stored is not wanted any more. */
static gboolean
store(gpointer data, const struct lookup_round *round, GError **error)
{
	struct desk *desk = data;

	g_mutex_lock(&desk->lock);
	if (desk->is_full) {
		desk->n_stored++;
		g_cond_broadcast(&desk->changed);
		g_mutex_unlock(&desk->lock);
		g_set_error_literal(error, DMARCD_ERROR, DMARCD_ERROR_AGAIN, "disk full");
		return FALSE;
	}
	for (guint i = 0; i < round->addresses->len; i++)
		tell_address(desk, &g_array_index(round->addresses, struct lookup_address, i));
	for (guint i = 0; i < round->domains->len; i++)
		tell_domain(desk, &g_array_index(round->domains, struct lookup_domain, i));
	desk->n_stored++;
	desk->n_wanted = 0;
	desk->wants_domain = FALSE;
	g_cond_broadcast(&desk->changed);
	g_mutex_unlock(&desk->lock);
	return TRUE;
}

static gboolean
is_service(gpointer data, const char *domain)
{
	(void)data;
	return g_str_equal(domain, "esp.example");
}

static struct desk *
desk_new(guint n_wanted)
{
	struct desk *desk = g_new0(struct desk, 1);

	g_mutex_init(&desk->lock);
	g_cond_init(&desk->changed);
	desk->n_wanted = n_wanted;
	desk->said = g_string_new(NULL);
	return desk;
}

static void
desk_free(struct desk *desk)
{
	g_string_free(desk->said, TRUE);
	g_mutex_clear(&desk->lock);
	g_cond_clear(&desk->changed);
	g_free(desk);
}

/* Until one of its counts is as high. */
static gboolean
wait_until(struct desk *desk, const guint *count, guint n)
{
	gint64 until = g_get_monotonic_time() + WAIT_US;

	g_mutex_lock(&desk->lock);
	while (*count < n && g_cond_wait_until(&desk->changed, &desk->lock, until))
		continue;
	gboolean is_there = *count >= n;
	g_mutex_unlock(&desk->lock);
	return is_there;
}

/* --- Options --- */

static char *no_texts[] = { NULL };
static char *one_list[] = { (char[]){ "zen.spamhaus.org" }, NULL };
static char no_text[] = "";

struct setting {
	char *servers[2];
	struct lookup_options options;
};

static void
setting_init(struct setting *setting, const struct dns_house *house)
{
	setting->servers[0] = g_strdup(dns_house_server(house));
	setting->servers[1] = NULL;
	setting->options = (struct lookup_options){
		.is_enabled = TRUE,
		.servers = setting->servers,
		.timeout_ms = 1000,
		.budget = 1000,
		.want_rdns = TRUE,
		.want_own_spf = TRUE,
		.want_org_domain = TRUE,
		.blocklists = no_texts,
		.abusix_key_file = no_text,
		.spamhaus_key_file = no_text,
	};
}

static struct lookups *
start(const struct setting *setting, struct desk *desk)
{
	const struct lookup_hooks hooks = {
		.next = next,
		.store = store,
		.is_service = is_service,
		.data = desk,
	};

	return lookups_start(&setting->options, &hooks);
}

/* --- Tests --- */

static void
facts_come_to_the_store(void **state)
{
	g_autoptr(dns_house_auto) house = dns_house_open(GOOD_SCRIPT);
	struct desk *desk = desk_new(2);
	struct setting setting;

	(void)state;
	setting_init(&setting, house);
	setting.options.blocklists = one_list;
	desk->wants_domain = TRUE;
	struct lookups *lookups = start(&setting, desk);
	assert_true(wait_until(desk, &desk->n_stored, 1));
	lookups_set_options(lookups, &setting.options);
	assert_true(wait_until(desk, &desk->n_next, 2));
	const struct lookups_status status = lookups_get_status(lookups);
	lookups_stop(lookups);
	assert_string_equal(desk->said->str, "192.0.2.1 rdns 1 mail.hinoki.example\n"
					     "192.0.2.1 dnsbl 1\n"
					     "192.0.2.2 rdns 3 \n"
					     "192.0.2.2 dnsbl 0\n"
					     "hinoki.example spf 2 services 1\n"
					     "hinoki.example org 2 hinoki.example\n");
	assert_true(status.is_enabled);
	assert_string_equal(status.why, "");
	assert_int_equal(status.n_facts, 6);
	/* The test of the list; PTR, its A, PTR; the list; the TXT; the tree walk. */
	assert_int_equal(status.n_asked, 2 + 3 + 2 + 1 + 2);
	g_free(setting.servers[0]);
	desk_free(desk);
}

static void
nothing_is_asked_that_was_not_switched_on(void **state)
{
	g_autoptr(dns_house_auto) house = dns_house_open(GOOD_SCRIPT);
	struct desk *desk = desk_new(2);
	struct setting setting;

	(void)state;
	setting_init(&setting, house);
	setting.options.is_enabled = FALSE;
	struct lookups *lookups = start(&setting, desk);
	g_usleep(NO_TIME_US);
	assert_int_equal(desk->n_next, 0);
	assert_false(lookups_get_status(lookups).is_enabled);

	/* What is not wanted of what is put in is not asked. */
	setting.options.is_enabled = TRUE;
	setting.options.want_rdns = FALSE;
	setting.options.want_own_spf = FALSE;
	setting.options.want_org_domain = FALSE;
	desk->wants_domain = TRUE;
	lookups_set_options(lookups, &setting.options);
	assert_true(wait_until(desk, &desk->n_next, 1));
	assert_int_equal(lookups_get_status(lookups).n_asked, 0);

	setting.options.want_rdns = TRUE;
	lookups_set_options(lookups, &setting.options);
	assert_true(wait_until(desk, &desk->n_stored, 1));
	lookups_stop(lookups);
	assert_string_equal(desk->said->str,
			    "192.0.2.1 rdns 1 mail.hinoki.example\n192.0.2.2 rdns 3 \n");
	g_free(setting.servers[0]);
	desk_free(desk);
}

static void
a_resolver_that_is_not_there_holds_up_nobody(void **state)
{
	g_autoptr(dns_house_auto) house = dns_house_open(". ! quiet-after 0\n");
	struct desk *desk = desk_new(200);
	struct setting setting;

	(void)state;
	setting_init(&setting, house);
	setting.options.timeout_ms = LOOKUP_TIMEOUT_MS_MAX;
	struct lookups *lookups = start(&setting, desk);
	assert_true(wait_until(desk, &desk->n_next, 1));
	gint64 begin = g_get_monotonic_time();
	for (guint i = 0; i < 1000; i++) {
		lookups_get_status(lookups);
	}
	lookups_set_options(lookups, &setting.options);
	lookups_stop(lookups);
	assert_true(g_get_monotonic_time() - begin < G_USEC_PER_SEC);
	assert_int_equal(desk->n_stored, 0);
	g_free(setting.servers[0]);
	desk_free(desk);
}

static void
a_silent_resolver_is_told_of_and_tried_again(void **state)
{
	g_autoptr(dns_house_auto) house = dns_house_open(". ! quiet-after 0\n");
	g_autoptr(dns_house_auto) other = dns_house_open(GOOD_SCRIPT);
	struct desk *desk = desk_new(200);
	struct setting setting;
	struct setting good;

	(void)state;
	setting_init(&setting, house);
	setting.options.timeout_ms = 100;
	setting_init(&good, other);
	struct lookups *lookups = start(&setting, desk);
	assert_true(wait_until(desk, &desk->n_next, 2));
	assert_string_not_equal(lookups_get_status(lookups).why, "");
	assert_int_equal(desk->n_stored, 0);
	/* So many were in flight; 10,000 are not waited for. */
	assert_true(lookups_get_status(lookups).n_asked <= 2 * (64 + RESOLVER_UNANSWERED_N));
	lookups_set_options(lookups, &good.options);
	assert_true(wait_until(desk, &desk->n_stored, 1));
	lookups_set_options(lookups, &good.options);
	assert_true(wait_until(desk, &desk->n_next, 4));
	assert_string_equal(lookups_get_status(lookups).why, "");
	lookups_stop(lookups);
	g_free(setting.servers[0]);
	g_free(good.servers[0]);
	desk_free(desk);
}

static void
a_store_that_fails_is_told_of_and_nothing_more_is_asked(void **state)
{
	g_autoptr(dns_house_auto) house = dns_house_open(GOOD_SCRIPT);
	struct desk *desk = desk_new(2);
	struct setting setting;

	(void)state;
	setting_init(&setting, house);
	desk->is_full = TRUE;
	struct lookups *lookups = start(&setting, desk);
	assert_true(wait_until(desk, &desk->n_stored, 1));
	g_usleep(NO_TIME_US);
	const struct lookups_status status = lookups_get_status(lookups);
	assert_non_null(strstr(status.why, "disk full"));
	assert_true(status.n_asked <= 2 * 3);
	lookups_stop(lookups);
	g_free(setting.servers[0]);
	desk_free(desk);
}

static void
the_budget_of_an_hour_is_kept(void **state)
{
	g_autoptr(dns_house_auto) house = dns_house_open(GOOD_SCRIPT);
	struct desk *desk = desk_new(200);
	struct setting setting;

	(void)state;
	setting_init(&setting, house);
	setting.options.budget = 50;
	struct lookups *lookups = start(&setting, desk);
	assert_true(wait_until(desk, &desk->n_stored, 1));
	desk->n_wanted = 200;
	lookups_set_options(lookups, &setting.options);
	g_usleep(NO_TIME_US);
	assert_int_equal(lookups_get_status(lookups).n_asked, 50);
	lookups_stop(lookups);
	assert_int_equal(desk->n_next, 1);
	assert_int_equal(desk->n_stored, 1);
	/* What was not asked has no facts: 49 addresses of which one has a name that was confirmed.
	 */
	g_auto(GStrv) lines = g_strsplit(g_strchomp(desk->said->str), "\n", -1);
	assert_int_equal(g_strv_length(lines), 49);
	assert_null(strstr(desk->said->str, "rdns 0"));
	g_free(setting.servers[0]);
	desk_free(desk);
}

static void
keys_come_from_their_files(void **state)
{
	g_autoptr(blocklists_auto) lists = blocklists_new_builtin();
	g_autofree char *path = NULL;
	char *zones[] = { g_strdup("KEY.zen.dq.spamhaus.net"), NULL };
	struct lookup_options options = { .blocklists = zones,
					  .abusix_key_file = no_text,
					  .spamhaus_key_file = no_text };
	g_autoptr(GError) error = NULL;

	(void)state;
	assert_null(lookup_options_zones(&options, lists, &error));
	assert_int_equal(error->code, DMARCD_ERROR_DENIED);
	assert_non_null(strstr(error->message, "spamhaus_key_file"));
	g_clear_error(&error);
	close(g_file_open_tmp("dmarcd-key-XXXXXX", &path, NULL));
	assert_true(g_file_set_contents(path, "abc123\n", -1, NULL));
	options.spamhaus_key_file = path;
	g_autoptr(dnsbl_zones_auto) good = lookup_options_zones(&options, lists, &error);
	assert_non_null(good);
	assert_true(g_file_set_contents(path, "not a key\n", -1, NULL));
	assert_null(lookup_options_zones(&options, lists, &error));
	assert_null(strstr(error->message, "not a key"));
	g_unlink(path);
	g_free(zones[0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(facts_come_to_the_store),
		cmocka_unit_test(nothing_is_asked_that_was_not_switched_on),
		cmocka_unit_test(a_resolver_that_is_not_there_holds_up_nobody),
		cmocka_unit_test(a_silent_resolver_is_told_of_and_tried_again),
		cmocka_unit_test(the_budget_of_an_hour_is_kept),
		cmocka_unit_test(a_store_that_fails_is_told_of_and_nothing_more_is_asked),
		cmocka_unit_test(keys_come_from_their_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
