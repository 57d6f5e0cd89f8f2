/* SPDX-License-Identifier: MIT */
/* Who is on the takedown list, over stores of random reports: nobody who must not be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "store/query_takedown.h"
#include "takedown/guards.h"
#include "tests/support/store_place.h"

#define ROUNDS        12
#define DOCUMENTS     60
#define ROLES_OF_EACH 3

/* What an address does, whatever day it is. */
enum role {
	ROLE_SPOOFER,
	ROLE_OWN,       /* passes */
	ROLE_ONCE_OWN,  /* spoofs, but passed once */
	ROLE_FORWARDER, /* its mail is called forwarded now and then */
	ROLE_SERVICE,   /* passes for a known sending service */
	ROLE_RULED,     /* spoofs, and a user said that it is to be ignored */
	ROLE_PRIVATE,
	ROLE_UNHEARD, /* only unauthenticated or unknown reporters tell of it */
	N_ROLES,
};

static const char *const domains[] = { "shop.example", "bank.example" };

/* Reports come by these; the first three count. */
static const struct carrier carriers[] = {
	{ .authenticated = AUTHENTICATED_YES, .auth_domain = "google.com", .from = "a@google.com" },
	{ .authenticated = AUTHENTICATED_YES,
	  .auth_domain = "linkedin.com",
	  .from = "a@linkedin.com" },
	{ .is_bare = TRUE },
	{ .authenticated = AUTHENTICATED_YES,
	  .auth_domain = "fresh.example",
	  .from = "a@fresh.example" },
	{ .authenticated = AUTHENTICATED_NO, .auth_domain = "google.com", .from = "a@google.com" },
	{ .authenticated = AUTHENTICATED_UNKNOWN },
};
#define N_COUNTED 3

static void
address_of(enum role role, guint number, char text[IP_TEXT_LEN])
{
	g_snprintf(text, IP_TEXT_LEN, role == ROLE_PRIVATE ? "10.%d.0.%u" : "8.%d.4.%u", (int)role,
		   number + 1);
}

static struct make_record
record_of(GRand *rand, enum role role, gboolean is_counted)
{
	struct make_record record = {
		.count = g_rand_int_range(rand, 1, 40),
		.disposition = DISPOSITION_NONE,
		.dkim = ALIGNED_FAIL,
		.spf = ALIGNED_FAIL,
		.auth = "spf fail bad.example mfrom",
	};

	switch (role) {
	case ROLE_OWN:
		record.dkim = record.spf = ALIGNED_PASS;
		record.auth = "dkim pass shop.example s1";
		break;
	case ROLE_ONCE_OWN:
		if (g_rand_int_range(rand, 0, 8) == 0)
			record.dkim = ALIGNED_PASS;
		break;
	case ROLE_FORWARDER:
		if (g_rand_int_range(rand, 0, 8) == 0)
			record.reason = "mailing_list";
		break;
	case ROLE_SERVICE:
		record.auth = "dkim pass sendgrid.net s1";
		break;
	case ROLE_UNHEARD:
		record.count = is_counted ? 0 : record.count;
		break;
	case ROLE_SPOOFER:
	case ROLE_RULED:
	case ROLE_PRIVATE:
	case N_ROLES:
	default:
		break;
	}
	return record;
}

/* How often each address was seen for what it is; addresses without are no test of their role. */
struct seen {
	gboolean once_own[ROLES_OF_EACH];
	gboolean forwarder[ROLES_OF_EACH];
};

static struct document *
make(GRand *rand, guint number, gint64 today, struct seen *seen)
{
	char id[32];
	char ip[IP_TEXT_LEN];
	guint carrier = (guint)g_rand_int_range(rand, 0, G_N_ELEMENTS(carriers));
	struct make_report report = {
		.domain = domains[g_rand_int_range(rand, 0, G_N_ELEMENTS(domains))],
		.reporter = carrier == N_COUNTED ? "fresh.example" : "google.com",
		.report_id = id,
		.day = today - g_rand_int_range(rand, 0, 20),
	};

	g_snprintf(id, sizeof(id), "r%u", number);
	struct make *made = make_start(&report);
	for (enum role role = ROLE_SPOOFER; role < N_ROLES; role++) {
		for (guint i = 0; i < ROLES_OF_EACH; i++) {
			struct make_record record = record_of(rand, role, carrier < N_COUNTED);
			address_of(role, i, ip);
			record.ip = ip;
			if (record.count == 0 || g_rand_int_range(rand, 0, 4) == 0)
				continue;
			seen->once_own[i] |= role == ROLE_ONCE_OWN && record.dkim == ALIGNED_PASS;
			seen->forwarder[i] |= record.reason != NULL;
			make_record(made, &record);
		}
	}
	struct document *document = make_end(made);
	document->carrier = carriers[carrier];
	document->carrier.from_domain = document->carrier.message_id = "";
	if (!document->carrier.from)
		document->carrier.from = "";
	if (!document->carrier.auth_domain)
		document->carrier.auth_domain = "";
	return document;
}

static void
add_rule(struct store_place *place, enum rule_class class, const char *address, int prefix)
{
	g_autoptr(GString) hex = g_string_new(NULL);
	struct ip network;

	assert_true(ip_parse(address, &network));
	for (gsize i = 0; i < sizeof(network.bytes); i++)
		g_string_append_printf(hex, "%02x", network.bytes[i]);
	g_autofree char *sql = g_strdup_printf(
		"INSERT INTO user_rule (kind, class, match, domain, ip, prefix, asn, note, author, "
		"made_at, expires_at, ended_at, ended_by) VALUES (%d, %d, '', '', x'%s', %d, 0, "
		"'', "
		"'sato', 0, 0, 0, '')",
		RULE_KIND_CIDR, (int)class, hex->str, prefix);
	store_place_run(place, sql);
}

/* The addresses on the list, in pages of two: they must be whole, and name none twice. */
static GHashTable *
list(struct store_place *place, const struct scope *scope)
{
	GHashTable *listed = g_hash_table_new_full(ip_hash, ip_equal, g_free, NULL);
	g_autofree char *after = NULL;
	g_autoptr(GError) error = NULL;

	do {
		const struct takedown_question question = {
			.scope = *scope,
			.after = after,
			.limit = 2,
		};
		g_autoptr(query_page_auto) page =
			query_takedown(store_place_view(place), &question, &error);
		if (!page)
			fail_msg("%s", error->message);
		assert_true(!page->next || page->rows->len == 2);
		for (guint i = 0; i < page->rows->len; i++) {
			const struct query_takedown *row = g_ptr_array_index(page->rows, i);
			assert_true(row->totals.messages > 0 && row->reporters_counted > 0);
			assert_int_equal(row->totals.pass + row->totals.forwarded, 0);
			assert_true(g_hash_table_add(listed, g_memdup2(&row->ip, sizeof(row->ip))));
		}
		g_free(after);
		after = g_strdup(page->next);
	} while (after);
	return listed;
}

static gboolean
may_be_listed(enum role role, guint number, const struct seen *seen)
{
	return role == ROLE_SPOOFER || (role == ROLE_ONCE_OWN && !seen->once_own[number]) ||
	       (role == ROLE_FORWARDER && !seen->forwarder[number]);
}

/* Does a source of the address, of this domain where one is named, pass every guard? */
static gboolean
passes_guards(struct store_place *place, const struct ip *ip, const char *domain)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(query_suspect_auto) found = query_suspect(store_place_view(place), ip, &error);

	assert_null(error);
	for (guint i = 0; found && i < found->sources->len; i++) {
		const struct suspect suspect = { found->reach, (gconstpointer)found->sources->data,
						 found->sources->len };
		if ((!domain || g_str_equal(domain, g_ptr_array_index(found->domains, i))) &&
		    guards_left_out_by(&suspect, i, FALSE) == GUARD_NONE)
			return TRUE;
	}
	return FALSE;
}

static guint
check_list(struct store_place *place, const char *domain, const struct seen *seen)
{
	const struct scope scope = { domain, WINDOW_30D };
	g_autoptr(GHashTable) listed = list(place, &scope);
	g_autoptr(GError) error = NULL;
	struct query_takedown_counts counts;

	assert_true(query_takedown_counts(store_place_view(place), &scope, FALSE, &counts, &error));
	assert_int_equal(counts.addresses, g_hash_table_size(listed));
	for (enum role role = ROLE_SPOOFER; role < N_ROLES; role++) {
		for (guint i = 0; i < ROLES_OF_EACH; i++) {
			char text[IP_TEXT_LEN];
			struct ip ip;
			address_of(role, i, text);
			assert_true(ip_parse(text, &ip));
			gboolean is_listed = g_hash_table_contains(listed, &ip);
			if (is_listed && !may_be_listed(role, i, seen))
				fail_msg("%s is on the list", text);
			assert_int_equal(is_listed, passes_guards(place, &ip, domain));
		}
	}
	return g_hash_table_size(listed);
}

static void
nobody_is_listed_who_must_not_be(void **state)
{
	guint n_listed = 0;

	(void)state;
	for (guint round = 0; round < ROUNDS; round++) {
		g_autoptr(GRand) rand = g_rand_new_with_seed(round);
		void *opened;
		store_place_open(&opened);
		struct store_place *place = opened;
		struct outcomes outcomes = { { 0 } };
		struct seen seen = { .once_own = { FALSE } };
		add_rule(place, RULE_CLASS_IGNORE, "8.5.4.0", 120);
		/* A user who takes everybody for a spoofer has the guards alone against him. */
		if (round % 2 == 1)
			add_rule(place, RULE_CLASS_SPOOF, "0.0.0.0", 96);
		for (guint i = 0; i < DOCUMENTS; i++)
			store_place_send(place, make(rand, i, place->today, &seen), &outcomes);
		store_place_flush(place);
		store_place_check(place);
		n_listed += check_list(place, NULL, &seen);
		n_listed += check_list(place, "shop.example", &seen);
		store_place_close(&opened);
	}
	/* It is no proof where nobody is listed at all. */
	assert_in_range(n_listed, ROUNDS, 2 * ROUNDS * ROLES_OF_EACH * N_ROLES);
}

/* --- What a user confirms --- */

static struct document *
report_about(const char *domain, gint64 day, const char *id, const char *ip)
{
	struct document *document = make_document(
		&(struct make_report){
			.domain = domain, .report_id = id, .reporter = "google.com", .day = day },
		&(struct make_record){ .ip = ip,
				       .count = 6,
				       .dkim = ALIGNED_FAIL,
				       .spf = ALIGNED_FAIL,
				       .auth = "spf pass other.example mfrom" });

	document->carrier.is_bare = TRUE;
	return document;
}

static struct document *
report_of(gint64 day, const char *id, const char *ip)
{
	return report_about("shop.example", day, id, ip);
}

static guint
n_listed(struct store_place *place)
{
	g_autoptr(GHashTable) listed =
		list(place, &(const struct scope){ "shop.example", WINDOW_30D });

	return g_hash_table_size(listed);
}

/* domain "" = all */
static void
say_spoof(struct store_place *place, const char *domain)
{
	g_autofree char *sql = g_strdup_printf(
		"INSERT INTO user_rule VALUES (7, 0, 4, '8.8.8.8', '%s', "
		"x'00000000000000000000FFFF08080808', 128, 0, '', 'sato', 0, 0, 0, '')",
		domain);

	store_place_run(place, sql);
}

static void
what_a_user_confirms_is_listed_while_it_is_recent(void **state)
{
	struct store_place *place = *state;
	gint64 day = place->today - 20;
	g_autoptr(GError) error = NULL;

	store_place_submit(place, report_of(day, "one", "8.8.8.8"));
	assert_int_equal(n_listed(place), 0);
	say_spoof(place, "");
	assert_true(store_edit_rejudge(place->store, &error));
	store_place_flush(place);
	assert_int_equal(n_listed(place), 1);
	/* The last day moves on: seven days later it is listed still, eight days later not. */
	store_place_submit(place, report_of(day + 7, "two", "8.8.4.4"));
	assert_int_equal(n_listed(place), 1);
	store_place_submit(place, report_of(day + 8, "three", "8.8.4.4"));
	assert_int_equal(n_listed(place), 0);
	store_place_check(place);

	struct query_takedown_counts counts;
	assert_true(query_takedown_counts(store_place_view(place),
					  &(const struct scope){ NULL, WINDOW_30D }, FALSE, &counts,
					  &error));
	assert_int_equal(counts.guarded[GUARD_RECENT], 1);
	assert_int_equal(counts.left_out[CLASS_REVIEW], 1);
}

static void
what_a_guard_leaves_out_can_be_listed(void **state)
{
	struct store_place *place = *state;
	const struct takedown_question question = {
		.scope = { NULL, WINDOW_30D },
		.left_out_by = GUARD_RECENT,
		.limit = 10,
	};
	g_autoptr(GError) error = NULL;
	g_autoptr(query_page_auto) page =
		query_takedown(store_place_view(place), &question, &error);

	assert_non_null(page);
	assert_int_equal(page->rows->len, 1);
	const struct query_takedown *row = g_ptr_array_index(page->rows, 0);
	const struct suspect_source *worst =
		&g_array_index(row->sources, struct suspect_source, row->worst);
	assert_int_equal(worst->verdict.user_rule, 7);
	assert_int_equal(worst->silent_days, 8);
	assert_string_equal(row->worst_domain, "shop.example");
}

static void
evidence_is_of_the_domains_that_are_listed(void **state)
{
	struct store_place *place = *state;
	const struct takedown_question question = {
		.scope = { NULL, WINDOW_30D },
		.limit = 10,
		.want_evidence = TRUE,
	};
	g_autoptr(GError) error = NULL;

	store_place_submit(place, report_of(place->today - 1, "of-shop", "8.8.8.8"));
	store_place_submit(place,
			   report_about("bank.example", place->today - 1, "of-bank", "8.8.8.8"));
	say_spoof(place, "shop.example");
	assert_true(store_edit_rejudge(place->store, &error));
	store_place_flush(place);
	g_autoptr(query_page_auto) page =
		query_takedown(store_place_view(place), &question, &error);
	assert_non_null(page);
	assert_int_equal(page->rows->len, 1);
	const struct query_takedown *row = g_ptr_array_index(page->rows, 0);
	assert_string_equal(row->domains, "shop.example");
	assert_string_equal(row->report_ids, "of-shop");
	assert_int_equal(row->totals.messages, 6);
}

static void
an_address_that_is_damaged_is_named(void **state)
{
	struct store_place *place = *state;
	static const char *const damages[] = {
		"UPDATE address SET ip = x'00' WHERE ip = x'00000000000000000000FFFF08080808'",
		"DELETE FROM address WHERE ip = x'00'",
	};
	const struct takedown_question question = { .scope = { NULL, WINDOW_30D }, .limit = 10 };

	store_place_submit(place, report_of(place->today - 1, "one", "8.8.8.8"));
	say_spoof(place, "");
	assert_true(store_edit_rejudge(place->store, NULL));
	store_place_flush(place);
	for (gsize i = 0; i < G_N_ELEMENTS(damages); i++) {
		g_autoptr(GError) error = NULL;
		store_place_run(place, damages[i]);
		assert_null(query_takedown(store_place_view(place), &question, &error));
		assert_non_null(error);
		assert_non_null(strstr(error->message, "address"));
	}
}

int
main(void)
{
	const struct CMUnitTest alone[] = {
		cmocka_unit_test(nobody_is_listed_who_must_not_be),
		cmocka_unit_test_setup_teardown(evidence_is_of_the_domains_that_are_listed,
						store_place_open, store_place_close),
		cmocka_unit_test_setup_teardown(an_address_that_is_damaged_is_named,
						store_place_open, store_place_close),
	};
	const struct CMUnitTest in_a_place[] = {
		cmocka_unit_test(what_a_user_confirms_is_listed_while_it_is_recent),
		cmocka_unit_test(what_a_guard_leaves_out_can_be_listed),
	};

	return cmocka_run_group_tests(alone, NULL, NULL) +
	       cmocka_run_group_tests(in_a_place, store_place_open, store_place_close);
}
