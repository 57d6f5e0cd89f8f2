/* SPDX-License-Identifier: MIT */
/* Facts from the DNS: what is due, what is kept, and what it makes of a source. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "enrich/own_spf.h"
#include "store/dns_facts.h"
#include "tests/support/store_make.h"
#include "tests/support/store_place.h"

#define NOW   (PLACE_TODAY * 86400 + 43200)
#define LATER (NOW + 7200)

static struct ip
ip_of(const char *text)
{
	struct ip ip;

	assert_true(ip_parse(text, &ip));
	return ip;
}

/* --- Mail --- */

static void
send_bare(struct store_place *place, const char *ip, gint64 count, gint64 days_ago)
{
	g_autofree char *id = g_strdup_printf("%s-%d", ip, (int)days_ago);
	struct document *document =
		make_document(&(struct make_report){ .domain = "hinoki.example",
						     .report_id = id,
						     .day = place->today - days_ago },
			      &(struct make_record){ .ip = ip, .count = count });

	assert_int_equal(store_place_submit(place, document), OUTCOME_STORED);
}

static void
send_signed(struct store_place *place, const char *ip, const char *domain)
{
	g_autofree char *auth = g_strdup_printf("dkim pass %s s1", domain);
	struct document *document = make_document(
		&(struct make_report){ .domain = "hinoki.example", .day = place->today - 1 },
		&(struct make_record){ .ip = ip, .count = 5, .auth = auth });

	assert_int_equal(store_place_submit(place, document), OUTCOME_STORED);
}

/* --- Facts --- */

static const struct dns_address clean = {
	.has_rdns = TRUE,
	.is_rdns_known = TRUE,
	.rdns = RDNS_CONFIRMED,
	.name = "mail.example.net",
	.rdns_until = LATER,
	.has_dnsbl = TRUE,
	.is_dnsbl_known = TRUE,
	.dnsbl_spam = 0,
	.on_policy_list = FACT_NO,
	.said = "zen.spamhaus.org\tSpamhaus\tclean\t\n",
	.dnsbl_until = LATER,
};

static void
keep_at(struct store_place *place, const char *ip, const struct dns_address *facts, gint64 now)
{
	g_autoptr(GArray) addresses = g_array_new(FALSE, FALSE, sizeof(struct dns_address));
	g_autoptr(GArray) domains = g_array_new(FALSE, FALSE, sizeof(struct dns_domain));
	const struct dns_found found = { now, addresses, domains };
	struct dns_address copy = *facts;
	g_autoptr(GError) error = NULL;

	copy.ip = ip_of(ip);
	g_array_append_val(addresses, copy);
	assert_true(store_edit_lookups(place->store, &found, &error));
	store_place_flush(place);
	store_place_check(place);
}

static void
keep(struct store_place *place, const char *ip, const struct dns_address *facts)
{
	keep_at(place, ip, facts, NOW);
}

static struct own_spf *
spf_of(const char *ip, guint bits, const char *service)
{
	struct own_spf *spf = g_new0(struct own_spf, 1);
	const struct own_spf_network network = { ip_of(ip), bits };

	spf->state = OWN_SPF_KNOWN;
	spf->networks = g_array_new(FALSE, FALSE, sizeof(struct own_spf_network));
	spf->refused = g_array_new(FALSE, FALSE, sizeof(struct own_spf_network));
	spf->services = g_ptr_array_new_with_free_func(g_free);
	g_array_append_val(spf->networks, network);
	if (service)
		g_ptr_array_add(spf->services, g_strdup(service));
	return spf;
}

static void
keep_spf(struct store_place *place, const char *domain, gboolean is_known, struct own_spf *taken)
{
	g_autoptr(own_spf_auto) spf = taken;
	g_autoptr(GArray) addresses = g_array_new(FALSE, FALSE, sizeof(struct dns_address));
	g_autoptr(GArray) domains = g_array_new(FALSE, FALSE, sizeof(struct dns_domain));
	g_autoptr(GByteArray) networks = g_byte_array_new();
	const struct dns_found found = { NOW, addresses, domains };
	const struct dns_domain one = {
		.domain = domain,
		.has_spf = TRUE,
		.is_spf_known = is_known,
		.spf_state = spf->state,
		.spf_notes = spf->notes,
		.networks = networks,
		.services = spf->services->len > 0 ? g_ptr_array_index(spf->services, 0) : "",
		.spf_until = LATER,
	};

	own_spf_pack(spf, networks);
	g_array_append_val(domains, one);
	assert_true(store_edit_lookups(place->store, &found, NULL));
	store_place_flush(place);
	store_place_check(place);
}

static struct facts
facts_of(struct store_place *place, const char *ip)
{
	const struct ip address = ip_of(ip);
	struct facts facts;

	assert_true(query_source_facts(store_place_view(place), &address, "hinoki.example", &facts,
				       NULL));
	return facts;
}

static char *
sender_of(struct store_place *place, const char *ip)
{
	const struct source_question question = {
		.scope = { .window = WINDOW_ALL },
		.find = ip,
		.limit = 1,
	};
	g_autoptr(query_page_auto) page = query_sources(store_place_view(place), &question, NULL);

	assert_non_null(page);
	assert_int_equal(page->rows->len, 1);
	return g_strdup(((struct query_source *)g_ptr_array_index(page->rows, 0))->sender);
}

#define assert_sender(place, ip, sender)                           \
	do {                                                       \
		g_autofree char *sender_is = sender_of(place, ip); \
		assert_string_equal(sender_is, sender);            \
	} while (0)

/* --- What is kept --- */

static void
what_was_never_asked_is_unknown(void **state)
{
	struct store_place *place = *state;
	const struct ip ip = ip_of("192.0.2.1");
	g_auto(query_dns_auto) dns = { 0 };

	send_bare(place, "192.0.2.1", 3, 1);
	store_place_flush(place);
	const struct facts facts = facts_of(place, "192.0.2.1");
	assert_int_equal(facts.rdns, RDNS_UNKNOWN);
	assert_int_equal(facts.dnsbl_spam, FACT_N_UNKNOWN);
	assert_int_equal(facts.on_policy_list, FACT_UNKNOWN);
	assert_int_equal(facts.in_own_spf, FACT_UNKNOWN);
	assert_true(query_dns(store_place_view(place), &ip, &dns, NULL));
	assert_false(dns.is_rdns_known);
	assert_false(dns.is_dnsbl_known);
	assert_string_equal(dns.name, "");
}

static void
facts_come_to_who_judges(void **state)
{
	struct store_place *place = *state;
	const struct ip ip = ip_of("192.0.2.1");
	struct dns_address listed = clean;
	g_auto(query_dns_auto) dns = { 0 };

	send_bare(place, "192.0.2.1", 3, 1);
	listed.dnsbl_spam = 1;
	listed.on_policy_list = FACT_YES;
	listed.said = "zen.spamhaus.org\tSpamhaus\tspam\tCSS\n";
	keep(place, "192.0.2.1", &listed);
	const struct facts facts = facts_of(place, "192.0.2.1");
	assert_int_equal(facts.rdns, RDNS_CONFIRMED);
	assert_int_equal(facts.dnsbl_spam, 1);
	assert_int_equal(facts.on_policy_list, FACT_YES);
	assert_true(query_dns(store_place_view(place), &ip, &dns, NULL));
	assert_string_equal(dns.name, "mail.example.net");
	assert_string_equal(dns.said, listed.said);
	assert_int_equal(dns.rdns_at, NOW);
}

static void
a_failed_look_up_replaces_nothing_that_is_known(void **state)
{
	struct store_place *place = *state;
	const struct dns_address failed = {
		.has_rdns = TRUE,
		.name = "",
		.rdns_until = LATER + 1,
		.has_dnsbl = TRUE,
		.dnsbl_spam = FACT_N_UNKNOWN,
		.said = "zen.spamhaus.org\tSpamhaus\tunknown\t\n",
		.dnsbl_until = LATER + 2,
	};

	send_bare(place, "192.0.2.1", 3, 1);
	keep(place, "192.0.2.1", &clean);
	keep(place, "192.0.2.1", &failed);
	const struct facts facts = facts_of(place, "192.0.2.1");
	assert_int_equal(facts.rdns, RDNS_CONFIRMED);
	assert_int_equal(facts.dnsbl_spam, 0);
	assert_int_equal(facts.on_policy_list, FACT_NO);
	assert_int_equal(store_place_number(place, "SELECT rdns_until FROM address_dns"),
			 LATER + 1);
	assert_int_equal(store_place_number(place, "SELECT dnsbl_until FROM address_dns"),
			 LATER + 2);
}

static void
a_listing_counts_whoever_else_is_silent(void **state)
{
	struct store_place *place = *state;
	struct dns_address half = clean;

	half.is_dnsbl_known = FALSE;
	half.dnsbl_spam = 1;
	half.on_policy_list = FACT_UNKNOWN;
	send_bare(place, "192.0.2.1", 3, 1);
	keep(place, "192.0.2.1", &clean);
	keep(place, "192.0.2.1", &half);
	assert_int_equal(facts_of(place, "192.0.2.1").dnsbl_spam, 1);
	assert_int_equal(facts_of(place, "192.0.2.1").on_policy_list, FACT_NO);
	/* Two that were heard are not taken back by one that was. */
	half.is_dnsbl_known = TRUE;
	half.dnsbl_spam = 2;
	keep(place, "192.0.2.1", &half);
	half.is_dnsbl_known = FALSE;
	half.dnsbl_spam = 1;
	keep(place, "192.0.2.1", &half);
	assert_int_equal(facts_of(place, "192.0.2.1").dnsbl_spam, 2);
}

static void
an_address_that_the_store_has_not_is_left_out(void **state)
{
	struct store_place *place = *state;

	keep(place, "192.0.2.99", &clean);
	assert_int_equal(store_place_number(place, "SELECT count(*) FROM address_dns"), 0);
	assert_int_equal(store_place_number(place, "SELECT count(*) FROM address"), 1);
}

static void
old_facts_are_forgotten(void **state)
{
	struct store_place *place = *state;

	send_bare(place, "192.0.2.1", 3, 1);
	send_bare(place, "192.0.2.2", 3, 1);
	keep_at(place, "192.0.2.1", &clean, NOW - 1);
	keep(place, "192.0.2.2", &clean);
	keep_spf(place, "hinoki.example", TRUE, spf_of("192.0.2.2", 128, NULL));
	assert_sender(place, "192.0.2.1", "example.net");
	assert_true(store_edit_lookups_expire(place->store, NOW, NULL));
	store_place_flush(place);
	store_place_check(place);
	assert_int_equal(facts_of(place, "192.0.2.1").rdns, RDNS_UNKNOWN);
	assert_int_equal(facts_of(place, "192.0.2.1").dnsbl_spam, FACT_N_UNKNOWN);
	assert_sender(place, "192.0.2.1", "");
	assert_int_equal(facts_of(place, "192.0.2.2").rdns, RDNS_CONFIRMED);
	assert_int_equal(facts_of(place, "192.0.2.2").in_own_spf, FACT_YES);
	assert_true(store_edit_lookups_expire(place->store, NOW + 1, NULL));
	store_place_flush(place);
	assert_int_equal(facts_of(place, "192.0.2.2").in_own_spf, FACT_UNKNOWN);
}

/* --- Whose it is --- */

static void
a_source_of_which_nothing_passes_is_called_by_its_confirmed_name(void **state)
{
	struct store_place *place = *state;
	struct dns_address named = clean;

	send_bare(place, "192.0.2.1", 3, 1);
	send_bare(place, "192.0.2.2", 3, 1);
	send_bare(place, "192.0.2.3", 3, 1);
	send_bare(place, "192.0.2.5", 3, 1);
	send_signed(place, "192.0.2.4", "list.example.org");
	keep(place, "192.0.2.1", &named);
	assert_sender(place, "192.0.2.1", "example.net");
	named.rdns = RDNS_UNKNOWN;
	keep(place, "192.0.2.2", &named);
	assert_sender(place, "192.0.2.2", "");
	named.rdns = RDNS_GENERIC;
	keep(place, "192.0.2.3", &named);
	assert_sender(place, "192.0.2.3", "");
	named.rdns = RDNS_CONFIRMED;
	keep(place, "192.0.2.4", &named);
	assert_sender(place, "192.0.2.4", "example.org");
	named.name = "o1.mail.sendgrid.net";
	keep(place, "192.0.2.5", &named);
	assert_sender(place, "192.0.2.5", "sendgrid");
}

static void
a_host_of_a_service_has_its_category_before_what_passes(void **state)
{
	struct store_place *place = *state;
	struct dns_address named = clean;

	named.name = "o1.mail.sendgrid.net";
	send_signed(place, "192.0.2.4", "list.example.org");
	store_place_flush(place);
	assert_int_equal(facts_of(place, "192.0.2.4").category, CATEGORY_NONE);
	assert_int_equal(facts_of(place, "192.0.2.4").all.esp, 0);
	keep(place, "192.0.2.4", &named);
	assert_int_equal(facts_of(place, "192.0.2.4").category, CATEGORY_ESP);
	assert_int_equal(facts_of(place, "192.0.2.4").all.esp, 5);
}

static void
an_address_of_the_own_spf_is_a_source_to_fix(void **state)
{
	struct store_place *place = *state;
	static const char sql[] = "SELECT class FROM source ORDER BY address_id LIMIT 1";

	send_bare(place, "192.0.2.1", 3, 1);
	send_bare(place, "192.0.2.200", 3, 1);
	store_place_flush(place);
	assert_int_not_equal(store_place_number(place, sql), CLASS_FIX);
	keep_spf(place, "hinoki.example", TRUE, spf_of("192.0.2.0", 121, NULL));
	assert_int_equal(store_place_number(place, sql), CLASS_FIX);
	assert_int_equal(facts_of(place, "192.0.2.200").in_own_spf, FACT_NO);
	/* It could not be asked again. */
	keep_spf(place, "hinoki.example", FALSE, spf_of("203.0.113.0", 128, NULL));
	assert_int_equal(facts_of(place, "192.0.2.1").in_own_spf, FACT_YES);
	/* It names others now. */
	keep_spf(place, "hinoki.example", TRUE, spf_of("203.0.113.0", 128, NULL));
	assert_int_not_equal(store_place_number(place, sql), CLASS_FIX);
}

static void
a_service_in_the_own_spf_makes_its_customer(void **state)
{
	struct store_place *place = *state;

	send_signed(place, "192.0.2.4", "sendgrid.net");
	keep_spf(place, "hinoki.example", TRUE, spf_of("203.0.113.0", 128, "mailgun.org"));
	assert_int_equal(facts_of(place, "192.0.2.4").is_customer, FACT_UNKNOWN);
	keep_spf(place, "hinoki.example", TRUE, spf_of("203.0.113.0", 128, "sendgrid.net"));
	assert_int_equal(facts_of(place, "192.0.2.4").is_customer, FACT_YES);
}

/* --- What is due --- */

static char *
due_of(struct store_place *place, struct dns_walk *walk, guint limit, gint64 now)
{
	g_autoptr(GArray) due = g_array_new(FALSE, FALSE, sizeof(struct dns_due));
	const struct dns_due_question question = { now, TRUE, TRUE, limit };
	GString *out = g_string_new(NULL);
	char text[IP_TEXT_LEN];

	assert_true(query_dns_due(store_place_view(place), &question, walk, due, NULL));
	for (guint i = 0; i < due->len; i++) {
		const struct dns_due *one = &g_array_index(due, struct dns_due, i);
		g_string_append_printf(out, "%s %d%d ", ip_format(&one->ip, text), one->wants_rdns,
				       one->wants_dnsbl);
	}
	return g_string_free(out, FALSE);
}

static void
what_is_due_comes_in_order_and_once(void **state)
{
	struct store_place *place = *state;
	struct dns_walk walk = { 0 };

	send_bare(place, "192.0.2.1", 3, 1);
	send_bare(place, "192.0.2.2", 30, 1);
	send_bare(place, "192.0.2.3", 300, 40);
	send_bare(place, "192.0.2.4", 10, 1);
	store_place_flush(place);
	g_autofree char *first = due_of(place, &walk, 2, NOW);
	assert_string_equal(first, "192.0.2.2 11 192.0.2.4 11 ");
	assert_false(walk.is_done);
	g_autofree char *rest = due_of(place, &walk, 2, NOW);
	assert_string_equal(rest, "192.0.2.1 11 ");
	assert_true(walk.is_done);

	struct dns_address halfway = clean;
	halfway.rdns_until = NOW;
	keep(place, "192.0.2.2", &halfway);
	keep(place, "192.0.2.4", &clean);
	walk = (struct dns_walk){ 0 };
	g_autofree char *stale = due_of(place, &walk, 10, NOW);
	/* A confirmed name lowers the score. */
	assert_string_equal(stale, "192.0.2.1 11 192.0.2.2 10 ");
}

static void
what_is_to_be_reviewed_is_due_in_the_order_of_its_score(void **state)
{
	struct store_place *place = *state;
	struct dns_address dynamic = { .has_rdns = TRUE, .is_rdns_known = TRUE };
	struct dns_walk walk = { 0 };
	GString *out = g_string_new(NULL);

	send_bare(place, "192.0.2.1", 3, 1);
	send_bare(place, "192.0.2.2", 9, 1);
	send_bare(place, "192.0.2.3", 8, 1);
	dynamic.rdns = RDNS_NONE;
	dynamic.name = "";
	keep(place, "192.0.2.1", &dynamic);
	assert_int_equal(store_place_number(place, "SELECT count(*) FROM source WHERE class = 2"),
			 3);
	while (!walk.is_done) {
		g_autofree char *due = due_of(place, &walk, 1, NOW);
		g_string_append(out, due);
	}
	g_autofree char *text = g_string_free(out, FALSE);
	assert_string_equal(text, "192.0.2.1 11 192.0.2.2 11 192.0.2.3 11 ");
}

#define test(function) \
	cmocka_unit_test_setup_teardown(function, store_place_open, store_place_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		test(what_was_never_asked_is_unknown),
		test(facts_come_to_who_judges),
		test(a_failed_look_up_replaces_nothing_that_is_known),
		test(a_listing_counts_whoever_else_is_silent),
		test(an_address_that_the_store_has_not_is_left_out),
		test(old_facts_are_forgotten),
		test(a_source_of_which_nothing_passes_is_called_by_its_confirmed_name),
		test(a_host_of_a_service_has_its_category_before_what_passes),
		test(an_address_of_the_own_spf_is_a_source_to_fix),
		test(a_service_in_the_own_spf_makes_its_customer),
		test(what_is_due_comes_in_order_and_once),
		test(what_is_to_be_reviewed_is_due_in_the_order_of_its_score),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
