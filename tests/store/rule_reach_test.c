/* SPDX-License-Identifier: MIT */
/* Rules look at the sources that they may match, however many others there are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "store/dns_facts.h"
#include "store/rules.h"
#include "tests/support/store_place.h"

#define HOST "8.1.9.7"
#define ASN  64500

/* More addresses than a preview looks at. */
static void
send_many(struct store_place *place)
{
	struct make *make = make_start(&(struct make_report){ .day = place->today });

	for (guint i = 0; i < RULE_PREVIEW_ADDRESSES_MAX + 5; i++) {
		g_autofree char *ip = g_strdup_printf("8.%u.%u.7", i >> 8, i & 255);
		make_record(make, &(struct make_record){ .ip = ip,
							 .count = 2,
							 .dkim = ALIGNED_FAIL,
							 .spf = ALIGNED_FAIL,
							 .auth = "spf pass away.example mfrom" });
	}
	store_place_submit(place, make_end(make));
	store_place_flush(place);
}

/* HOST has a confirmed name. */
static void
know_host(struct store_place *place)
{
	g_autoptr(GArray) addresses = g_array_new(FALSE, FALSE, sizeof(struct dns_address));
	g_autoptr(GArray) domains = g_array_new(FALSE, FALSE, sizeof(struct dns_domain));
	const struct dns_found found = { place->today * DAY_S, addresses, domains };
	struct dns_address address = {
		.has_rdns = TRUE,
		.is_rdns_known = TRUE,
		.rdns = RDNS_CONFIRMED,
		.name = "mail.host.example",
	};

	assert_true(ip_parse(HOST, &address.ip));
	g_array_append_val(addresses, address);
	assert_true(store_edit_lookups(place->store, &found, NULL));
	store_place_flush(place);
}

static gint64
apply(struct store_place *place, const struct rule_change *change)
{
	gint64 id = 0;
	g_autoptr(GError) error = NULL;

	if (!store_edit_rules(place->store, change, "sato", &id, &error))
		fail_msg("%s", error->message);
	return id;
}

static gint64
n_forwarders(struct store_place *place)
{
	return store_place_number(place, "SELECT count(*) FROM source WHERE class = 4");
}

static void
networks_and_names_look_at_no_others(void **state)
{
	struct store_place *place = *state;
	/* Without a database of networks an address is in none of them. */
	static const gint64 n_matched[] = { 0, 1 };
	const struct rule_draft drafts[] = {
		{ .rule = { .kind = RULE_KIND_ASN, .asn = ASN, .text = "as64500" }, .note = "" },
		{ .rule = { .kind = RULE_KIND_RDNS, .text = "host.example" }, .note = "" },
	};

	G_STATIC_ASSERT(CLASS_FORWARDER == 4);
	send_many(place);
	know_host(place);
	for (gsize i = 0; i < G_N_ELEMENTS(drafts); i++) {
		struct rule_draft draft = drafts[i];
		const struct rule_change change = { .adds = &draft, .n_adds = 1 };
		g_auto(query_rule_preview_auto) preview = { 0 };
		draft.rule.class = RULE_CLASS_FORWARDER;
		draft.rule.domain = "";
		assert_true(query_rule_preview(store_place_view(place), &change, &preview, NULL));
		assert_false(preview.is_cut);
		assert_int_equal(preview.labelled.sources, n_matched[i]);
		gint64 id = apply(place, &change);
		assert_int_equal(n_forwarders(place), n_matched[i]);
		apply(place, &(struct rule_change){ .ends = id });
		assert_int_equal(n_forwarders(place), 0);
	}
	store_place_check(place);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(networks_and_names_look_at_no_others,
						store_place_open, store_place_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
