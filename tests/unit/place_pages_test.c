/* SPDX-License-Identifier: MIT */
/* What is known of an address, on pages and in files: its network, country and reverse name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "app/export.h"
#include "store/dns_facts.h"
#include "tests/support/expect.h"
#include "tests/support/house.h"
#include "tests/support/members.h"

#define SPOOFER "203.0.113.45"

/* As the store keeps it where there are databases; another domain's name stands for the network's.
 */
static void
know_place(struct house *house)
{
	static const char sql[] =
		"INSERT INTO address_place SELECT id, 64500, (SELECT id FROM name WHERE text = "
		"'shop.example'), 'DE' FROM address WHERE ip = ?";
	g_autofree char *path = g_build_filename(house->folder, "store.db", NULL);
	sqlite3 *db;
	sqlite3_stmt *statement;
	struct ip ip;

	assert_true(ip_parse(SPOOFER, &ip));
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
	sqlite3_bind_blob(statement, 1, ip.bytes, sizeof(ip.bytes), SQLITE_STATIC);
	assert_int_equal(sqlite3_step(statement), SQLITE_DONE);
	assert_int_equal(sqlite3_changes(db), 1);
	sqlite3_finalize(statement);
	sqlite3_close(db);
}

static void
know_name(struct house *house)
{
	g_autoptr(GArray) addresses = g_array_new(FALSE, FALSE, sizeof(struct dns_address));
	g_autoptr(GArray) domains = g_array_new(FALSE, FALSE, sizeof(struct dns_domain));
	const struct dns_found found = { 1795000000, addresses, domains };
	struct dns_address known = {
		.has_rdns = TRUE,
		.is_rdns_known = TRUE,
		.rdns = RDNS_UNKNOWN,
		.name = "host.cheap.example",
	};

	assert_true(ip_parse(SPOOFER, &known.ip));
	g_array_append_val(addresses, known);
	assert_true(store_edit_lookups(house->store, &found, NULL));
	assert_true(store_flush(house->store, NULL));
}

static int
open_known(void **state)
{
	house_open(state);
	know_name(*state);
	know_place(*state);
	return 0;
}

static void
check_known(const json_t *row)
{
	assert_int_equal(json_integer_value(json_object_get(row, "asn")), 64500);
	assert_string_equal(text_of(row, "as_name"), "shop.example");
	assert_string_equal(text_of(row, "country"), "DE");
}

static void
check_unknown(const json_t *row)
{
	assert_true(json_is_null(json_object_get(row, "asn")));
	assert_true(json_is_null(json_object_get(row, "as_name")));
	assert_true(json_is_null(json_object_get(row, "country")));
}

static void
lists_tell_the_network_of_an_address(void **state)
{
	json_t *tree = house_json(*state, "/sources.json");
	json_t *rows = json_object_get(tree, "data");

	check_known(row_of(rows, "source_ip", SPOOFER));
	check_unknown(row_of(rows, "source_ip", "192.0.2.10"));
	json_decref(tree);
}

static void
all_files_of_sources_have_the_same_columns(void **state)
{
	static const char *const targets[] = { "/sources.csv", "/networks/192.0.2.0.csv",
					       "/senders/hinoki.example.csv" };
	static const char columns[] =
		"source_ip,domain,class,rule,score,messages,pass,fail,dkim_pass,spf_pass,"
		"quarantined,rejected,delivered,reporters,first_seen,last_seen,asn,as_name,"
		"country\r\n";

	for (gsize i = 0; i < G_N_ELEMENTS(targets); i++) {
		g_autofree char *csv = house_page(*state, targets[i]);
		if (!g_str_has_prefix(csv, columns))
			fail_msg("%s begins otherwise: %s", targets[i], csv);
	}
}

static void
the_page_of_a_source_tells_it_where_it_is_known(void **state)
{
	g_autofree char *known = house_page(*state, "/sources/" SPOOFER);
	g_autofree char *unknown = house_page(*state, "/sources/192.0.2.10");
	json_t *tree = house_json(*state, "/sources/" SPOOFER ".json");

	assert_non_null(strstr(known,
			       "<dt>Network</dt><dd class=\"any\"><a href=\"/networks/AS64500\">"
			       "AS64500, shop.example, DE</a></dd>"));
	assert_null(strstr(unknown, "<dt>Network</dt>"));
	check_known(tree);
	json_decref(tree);
}

static void
the_takedown_list_tells_whom_to_write_to(void **state)
{
	json_t *tree = house_json(*state, "/takedown.json");
	json_t *rows = json_object_get(tree, "data");
	g_autofree char *csv = house_page(*state, "/takedown.csv?columns=source_ip,asn,as_name,"
						  "country,rdns");

	check_known(row_of(rows, "source_ip", SPOOFER));
	assert_string_equal(text_of(row_of(rows, "source_ip", SPOOFER), "rdns"),
			    "host.cheap.example");
	check_unknown(row_of(rows, "source_ip", "2001:db8:7::1"));
	assert_true(
		json_is_null(json_object_get(row_of(rows, "source_ip", "2001:db8:7::1"), "rdns")));
	assert_string_equal(csv,
			    "source_ip,asn,as_name,country,rdns\r\n" SPOOFER
			    ",64500,shop.example,DE,host.cheap.example\r\n2001:db8:7::1,,,,\r\n");
	json_decref(tree);
}

static void
an_exported_address_has_its_network(void **state)
{
	struct house *house = *state;
	const struct weights weights = house->site->context.weights;
	struct export export = {
		.store = house->store,
		.view = house->view,
		.weights = &weights,
	};
	json_t *root = export_rows(&export, &export_kinds[0], NULL, NULL);

	assert_non_null(root);
	check_known(row_of(json_object_get(root, "data"), "source_ip", SPOOFER));
	check_unknown(row_of(json_object_get(root, "data"), "source_ip", "192.0.2.10"));
	json_decref(root);
}

/* --- Networks by AS --- */

static void
sources_are_grouped_by_as(void **state)
{
	json_t *tree = house_json(*state, "/networks.json?by=as&class=unauthorized");
	json_t *rows = json_object_get(tree, "data");
	json_t *known = row_of(rows, "as_name", "shop.example");
	json_t *unknown = json_array_get(rows, 1);
	g_autofree char *body = house_page(*state, "/networks?by=as");
	g_autofree char *csv = house_page(*state, "/networks.csv?by=as&class=unauthorized");

	assert_string_equal(text_of(tree, "by"), "as");
	assert_int_equal(json_array_size(rows), 2);
	assert_int_equal(number_of(known, "asn"), 64500);
	assert_int_equal(number_of(known, "addresses"), 1);
	assert_int_equal(number_of(known, "sources"), 2);
	assert_int_equal(number_of(known, "messages"), 70);
	assert_int_equal(number_of(known, "highest_score"), 88);
	assert_true(json_is_null(json_object_get(unknown, "asn")));
	assert_true(json_is_null(json_object_get(unknown, "as_name")));
	assert_int_equal(number_of(unknown, "addresses"), 2);
	assert_int_equal(number_of(unknown, "messages"), 13);
	expect_has(body, "<a href=\"/networks/AS64500\">AS64500 shop.example</a>");
	expect_has(body, "</svg>AS not known</th>");
	expect_has(body, "<option value=\"as\" selected>AS</option>");
	expect_not(body, "which is not configured");
	assert_true(g_str_has_prefix(csv, "network,class,addresses,sources,messages,highest_score,"
					  "asn,as_name\r\n,unauthorized,1,2,70,88,64500,"
					  "shop.example\r\n,unauthorized,2,2,13,"));
	json_decref(tree);
}

static void
an_as_lists_its_sources(void **state)
{
	json_t *tree = house_json(*state, "/networks/as64500.json");
	json_t *rows = json_object_get(tree, "data");
	g_autofree char *body = house_page(*state, "/networks/AS64500");
	g_autofree char *none = house_page(*state, "/networks/AS64500?domain=nothing.example");

	assert_int_equal(number_of(tree, "asn"), 64500);
	assert_string_equal(text_of(tree, "as_name"), "shop.example");
	assert_int_equal(number_of(tree, "addresses"), 1);
	assert_int_equal(json_array_size(rows), 2);
	assert_int_equal(number_of(json_array_get(rows, 0), "messages"), 60);
	assert_int_equal(number_of(json_array_get(rows, 1), "messages"), 10);
	expect_has(body, "<h1>1 address of AS64500 shop.example sends in your name.</h1>");
	expect_has(body, "<a href=\"/networks?by=as\">Networks</a>");
	expect_has(none, "No mail came from AS64500 shop.example in this period.");
	json_decref(tree);
}

static void
no_as_is_shown_that_no_address_is_in(void **state)
{
	static const struct {
		const char *target;
		guint status;
	} answers[] = {
		{ "/networks/AS64501", 404 },      { "/networks/AS0", 400 },
		{ "/networks/AS4294967296", 400 }, { "/networks/ASN", 400 },
		{ "/networks?by=colour", 400 },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(answers); i++) {
		guint status;
		g_autofree char *body = house_get(*state, answers[i].target, &status);
		if (status != answers[i].status)
			fail_msg("%s answers %u", answers[i].target, status);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_tell_the_network_of_an_address),
		cmocka_unit_test(all_files_of_sources_have_the_same_columns),
		cmocka_unit_test(the_page_of_a_source_tells_it_where_it_is_known),
		cmocka_unit_test(the_takedown_list_tells_whom_to_write_to),
		cmocka_unit_test(an_exported_address_has_its_network),
		cmocka_unit_test(sources_are_grouped_by_as),
		cmocka_unit_test(an_as_lists_its_sources),
		cmocka_unit_test(no_as_is_shown_that_no_address_is_in),
	};

	return cmocka_run_group_tests(tests, open_known, house_close);
}
