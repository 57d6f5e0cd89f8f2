/* SPDX-License-Identifier: MIT */
/* Networks and countries of addresses, from each vendor's shape of file; broken files are refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <glib.h>

#include "core/error.h"
#include "enrich/ip_geo.h"

/* Made by tests/support/mkmmdb.py; they are seeds of the fuzzer as well. */
#define FOLDER  "tests/fuzz/ip_geo/"
#define MADE_AT 1767225600

const char *__lsan_default_suppressions(void);

/* libmaxminddb 1.7.1 forgets what it read of metadata that it refuses. */
const char *
__lsan_default_suppressions(void)
{
	return "leak:libmaxminddb";
}

static gboolean
add_bytes(struct ip_geo *geo, const char *name, GBytes *bytes, GError **error)
{
	const struct ip_geo_input input = { name, bytes, 77 };

	return ip_geo_add(geo, &input, error);
}

static gboolean
add_text(struct ip_geo *geo, const char *name, const char *text, GError **error)
{
	g_autoptr(GBytes) bytes = g_bytes_new_static(text, strlen(text));

	return add_bytes(geo, name, bytes, error);
}

static GBytes *
read_fixture(const char *name)
{
	g_autofree char *path = g_strconcat(FOLDER, name, NULL);
	char *content;
	gsize len;

	assert_true(g_file_get_contents(path, &content, &len, NULL));
	return g_bytes_new_take(content, len);
}

static gboolean
add_fixture(struct ip_geo *geo, const char *name, GError **error)
{
	g_autoptr(GBytes) bytes = read_fixture(name);

	return add_bytes(geo, name, bytes, error);
}

static void
check(const struct ip_geo *geo, const char *address, guint32 asn, const char *as_name,
      const char *country)
{
	struct ip ip;
	struct ip_place place;

	assert_true(ip_parse(address, &ip));
	memset(&place, 'x', sizeof place);
	ip_geo_find(geo, &ip, &place);
	if (place.asn != asn || !g_str_equal(place.as_name, as_name) ||
	    !g_str_equal(place.country, country))
		fail_msg("%s: AS%u \"%s\" %s", address, place.asn, place.as_name, place.country);
}

static void
check_unknown(const struct ip_geo *geo, const char *address)
{
	check(geo, address, 0, "", "");
}

static void
every_vendor_s_database_is_understood(void **state)
{
	static const struct {
		const char *file;
		guint32 asn;
		const char *as_name;
		const char *country;
		const char *kind;
	} vendors[] = {
		{ "geolite-asn.mmdb", 64500, "Example Net", "", "GeoLite2-ASN" },
		{ "geolite-country.mmdb", 0, "", "DE", "GeoLite2-Country" },
		{ "geolite-city.mmdb", 0, "", "DE", "GeoLite2-City" },
		{ "dbip-asn.mmdb", 64500, "Example Net", "",
		  "DBIP-ASN-Lite (compat=GeoLite2-ASN)" },
		{ "ipinfo-lite.mmdb", 64500, "Example Net", "DE",
		  "ipinfo generic_bundle_lite_sample.mmdb" },
		{ "ipinfo-free.mmdb", 64500, "Example Net", "DE", "ipinfo country_asn.mmdb" },
		{ "iplocate.mmdb", 64500, "Example Net", "DE", "ip-to-asn" },
		{ "wide.mmdb", 64500, "Example Net", "DE", "wide number" },
	};

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(vendors); i++) {
		g_autoptr(ip_geo_auto) geo = ip_geo_new();
		assert_true(add_fixture(geo, vendors[i].file, NULL));
		check(geo, "198.51.100.7", vendors[i].asn, vendors[i].as_name, vendors[i].country);
		check(geo, "2001:db8:a::7", vendors[i].asn, vendors[i].as_name, vendors[i].country);
		check_unknown(geo, "198.51.101.7");
		check_unknown(geo, "2001:db8:b::7");
		check_unknown(geo, "::");
		const struct ip_geo_file *about = ip_geo_file(geo, 0);
		assert_string_equal(about->kind, vendors[i].kind);
		assert_int_equal(about->made_at, MADE_AT);
	}
}

static void
a_database_of_ipv4_knows_no_ipv6(void **state)
{
	g_autoptr(ip_geo_auto) geo = ip_geo_new();

	(void)state;
	assert_true(add_fixture(geo, "v4-only.mmdb", NULL));
	check(geo, "198.51.100.7", 64500, "Example Net", "DE");
	check_unknown(geo, "2001:db8:a::7");
}

static void
what_a_database_says_is_cleaned_and_cut(void **state)
{
	g_autoptr(ip_geo_auto) geo = ip_geo_new();
	g_autofree char *cut = g_strnfill(AS_NAME_LEN_MAX, 'x');

	(void)state;
	assert_true(add_fixture(geo, "hostile.mmdb", NULL));
	assert_string_equal(ip_geo_file(geo, 0)->kind, "evil");
	check(geo, "198.51.100.7", 64500, "ÿExample Net", "");
	check(geo, "198.51.100.200", 64501, cut, "");
	/* A number that is none, and names that hold maps. */
	check_unknown(geo, "203.0.113.7");
	check_unknown(geo, "192.0.2.7");
}

static const struct {
	const char *name;
	const char *text;
	guint32 asn;
	const char *as_name;
	const char *country;
} tables[] = {
	{ "iptoasn.tsv",
	  "192.0.2.0\t192.0.2.255\t0\tNone\tNot routed\n"
	  "198.51.100.0\t198.51.100.255\t64500\tDE\tExample \"Net\"\n"
	  "2001:db8:a::\t2001:db8:a:ffff:ffff:ffff:ffff:ffff\t64500\tDE\tExample "
	  "\"Net\"\n",
	  64500, "Example \"Net\"", "DE" },
	{ "iptoasn-with-names.tsv",
	  "range_start\trange_end\tAS_number\tcountry_code\tAS_description\n"
	  "198.51.100.0\t198.51.100.255\t64500\tDE\tExample Net\n"
	  "2001:db8:a::\t2001:db8:a:ffff::\t64500\tDE\tExample Net\n",
	  64500, "Example Net", "DE" },
	{ "maxmind.csv",
	  "network,autonomous_system_number,autonomous_system_organization\r\n"
	  "198.51.100.0/24,64500,\"Example, Net\"\r\n2001:db8:a::/48,64500,\"Example, "
	  "Net\"\r\n",
	  64500, "Example, Net", "" },
	{ "asn.csv",
	  "network,asn,organization\n198.51.100.9/24,AS64500,Example Net\n"
	  "2001:db8:a::/48,AS64500,Example Net\n",
	  64500, "Example Net", "" },
	{ "dbip-asn.csv",
	  "198.51.100.0,198.51.100.255,64500,\"Example, Net\"\n"
	  "2001:db8:a::,2001:db8:a::ffff,64500,\"Example, Net\"\n",
	  64500, "Example, Net", "" },
	{ "dbip-country.csv", "198.51.100.0,198.51.100.255,de\n2001:db8:a::,2001:db8:a::ffff,de\n",
	  0, "", "DE" },
	{ "ipinfo.csv",
	  "network,country,country_code,continent,continent_code,asn,as_name,as_domain\n"
	  "2001:db8:a::/48,Germany,DE,Europe,EU,AS64500,Example Net,example.net\n"
	  "198.51.100.0/24,Germany,DE,Europe,EU,AS64500,Example Net,example.net",
	  64500, "Example Net", "DE" },
	{ "bom.csv", "\xef\xbb\xbfnetwork,asn\n198.51.100.0/24,64500\n2001:db8:a::/48,64500\n",
	  64500, "", "" },
};

static void
every_vendor_s_table_is_understood(void **state)
{
	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(tables); i++) {
		g_autoptr(ip_geo_auto) geo = ip_geo_new();
		assert_true(add_text(geo, tables[i].name, tables[i].text, NULL));
		for (guint n = 0; n < 256; n += 51) {
			g_autofree char *address = g_strdup_printf("198.51.100.%u", n);
			check(geo, address, tables[i].asn, tables[i].as_name, tables[i].country);
		}
		check(geo, "2001:db8:a::", tables[i].asn, tables[i].as_name, tables[i].country);
		check_unknown(geo, "192.0.2.7");
		check_unknown(geo, "198.51.99.255");
		check_unknown(geo, "198.51.101.0");
		check_unknown(geo, "2001:db8:b::");
		check_unknown(geo, "::");
		const struct ip_geo_file *about = ip_geo_file(geo, 0);
		assert_string_equal(about->kind, "table");
		assert_int_equal(about->made_at, 77);
		assert_int_equal(about->rows, 2);
		assert_int_equal(about->left_out, 0);
	}
}

static void
rows_that_are_no_networks_are_left_out_and_counted(void **state)
{
	static const char text[] = "192.0.2.9\t192.0.2.1\t64501\tDE\tbackwards\n"
				   "192.0.2.9\t2001:db8::\t64501\tDE\ttwo families\n"
				   "here\tthere\t64501\tDE\tno addresses\n"
				   "192.0.2.0\n"
				   "198.51.100.0\t198.51.100.255\t64500\tDE\tExample\n"
				   "203.0.113.0\t203.0.113.255\t99999999999\t\ttoo large\n";
	g_autoptr(ip_geo_auto) geo = ip_geo_new();

	(void)state;
	assert_true(add_text(geo, "a.tsv", text, NULL));
	assert_int_equal(ip_geo_file(geo, 0)->left_out, 4);
	assert_int_equal(ip_geo_file(geo, 0)->rows, 1);
	check(geo, "198.51.100.255", 64500, "Example", "DE");
	check_unknown(geo, "192.0.2.5");
	check_unknown(geo, "203.0.113.5");
}

static void
the_edges_of_the_address_space_can_be_ranges(void **state)
{
	static const char text[] = "network,asn\n0.0.0.0/8,1\n255.255.255.255/32,2\n"
				   "8000::/1,3\n2001:db8::/129,4\n192.0.2.0/33,5\n192.0.2.0/,6\n";
	g_autoptr(ip_geo_auto) geo = ip_geo_new();

	(void)state;
	assert_true(add_text(geo, "a.csv", text, NULL));
	check(geo, "0.0.0.0", 1, "", "");
	check(geo, "0.255.255.255", 1, "", "");
	check_unknown(geo, "1.0.0.0");
	check(geo, "255.255.255.255", 2, "", "");
	check(geo, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 3, "", "");
	assert_int_equal(ip_geo_file(geo, 0)->left_out, 3);
}

static void
of_ranges_that_overlap_the_later_begun_counts(void **state)
{
	g_autoptr(ip_geo_auto) geo = ip_geo_new();

	(void)state;
	assert_true(add_text(geo, "a.csv",
			     "network,asn\n198.51.100.0/28,3\n198.51.100.0/24,1\n"
			     "198.51.100.64/26,2\n",
			     NULL));
	check(geo, "198.51.100.1", 3, "", "");
	check(geo, "198.51.100.70", 2, "", "");
	/* Not looked for any further: unknown, but nothing wrong. */
	check_unknown(geo, "198.51.100.20");
	check_unknown(geo, "198.51.100.200");
}

static void
the_first_file_that_knows_is_believed(void **state)
{
	g_autoptr(ip_geo_auto) geo = ip_geo_new();

	(void)state;
	assert_true(add_text(geo, "number.csv", "network,asn\n198.51.100.0/24,64500\n", NULL));
	assert_true(add_text(geo, "other.csv",
			     "network,asn,name,country_code\n198.51.100.0/25,64501,Other,FR\n",
			     NULL));
	assert_true(add_fixture(geo, "ipinfo-lite.mmdb", NULL));
	assert_int_equal(ip_geo_n_files(geo), 3);
	/* Never the name that another file has for another number. */
	check(geo, "198.51.100.7", 64500, "Example Net", "FR");
	check(geo, "198.51.100.200", 64500, "Example Net", "DE");
	check(geo, "2001:db8:a::7", 64500, "Example Net", "DE");
}

static void
check_refused(const char *name, GBytes *bytes, enum dmarcd_error code, const char *words)
{
	g_autoptr(ip_geo_auto) geo = ip_geo_new();
	g_autoptr(GError) error = NULL;

	assert_false(add_bytes(geo, name, bytes, &error));
	assert_true(g_error_matches(error, DMARCD_ERROR, (gint)code));
	if (!g_str_has_prefix(error->message, name) || !strstr(error->message, words))
		fail_msg("%s: \"%s\" has no \"%s\"", name, error->message, words);
	assert_int_equal(ip_geo_n_files(geo), 0);
}

static void
what_is_no_geo_data_is_refused_by_name(void **state)
{
	static const struct {
		const char *name;
		const char *text;
		const char *words;
	} files[] = {
		{ "a.mmdb", "", "fetch it again" },
		{ "a.mmdb", "not a database", "fetch it again" },
		{ "a.mmdb", "\xab\xcd\xefMaxMind.com", "fetch it again" },
		{ "a.csv", "", "line 1" },
		{ "a.csv", "network,geoname_id\n198.51.100.0/24,1\n", "line 1" },
		{ "a.csv", "asn,country_code\n64500,DE\n", "line 1" },
		{ "a.csv", "198.51.100.0,198.51.100.255\n", "line 1" },
		{ "a.csv", "network,asn\n", "no row" },
		{ "a.csv", "network,asn\nx,1\ny,2\n", "2 could not be read" },
		{ "a.mmdb.gz", "", "unpack it" },
		{ "", "", ".csv" },
	};

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
		g_autoptr(GBytes) bytes = g_bytes_new_static(files[i].text, strlen(files[i].text));
		check_refused(files[i].name, bytes, DMARCD_ERROR_INVALID, files[i].words);
	}
	g_autoptr(GBytes) useless = read_fixture("useless.mmdb");
	check_refused("useless.mmdb", useless, DMARCD_ERROR_INVALID, "GeoLite2-Anonymous");
	g_autoptr(GBytes) empty = read_fixture("empty.mmdb");
	check_refused("empty.mmdb", empty, DMARCD_ERROR_INVALID, "neither AS numbers");
}

static void
a_database_that_is_cut_short_is_refused(void **state)
{
	g_autoptr(GBytes) whole = read_fixture("ipinfo-lite.mmdb");

	(void)state;
	for (gsize len = 0; len < g_bytes_get_size(whole); len += 7) {
		g_autoptr(GBytes) part = g_bytes_new_from_bytes(whole, 0, len);
		check_refused("cut.mmdb", part, DMARCD_ERROR_INVALID, "fetch it again");
	}
}

static void
a_database_with_any_byte_broken_is_safe(void **state)
{
	g_autoptr(GBytes) whole = read_fixture("ipinfo-lite.mmdb");
	gsize len;
	const guint8 *bytes = g_bytes_get_data(whole, &len);

	(void)state;
	for (gsize i = 0; i < len; i++) {
		g_autofree guint8 *copy = g_memdup2(bytes, len);
		copy[i] ^= (guint8)(1 + i % 255);
		g_autoptr(GBytes) broken = g_bytes_new_static(copy, len);
		g_autoptr(ip_geo_auto) geo = ip_geo_new();
		struct ip_place place;
		struct ip ip;
		assert_true(ip_parse("198.51.100.7", &ip));
		add_bytes(geo, "broken.mmdb", broken, NULL);
		ip_geo_find(geo, &ip, &place);
		assert_true(g_utf8_validate(place.as_name, -1, NULL));
	}
}

static void
files_over_a_limit_are_refused(void **state)
{
	g_autofree char *huge = g_malloc0(GEO_BYTES_MAX + 1UL);
	g_autoptr(GBytes) bytes = g_bytes_new_static(huge, GEO_BYTES_MAX + 1UL);
	g_autoptr(ip_geo_auto) geo = ip_geo_new();
	g_autoptr(GError) error = NULL;

	(void)state;
	check_refused("huge.mmdb", bytes, DMARCD_ERROR_LIMIT, "268435456 bytes");
	check_refused("huge.csv", bytes, DMARCD_ERROR_LIMIT, "268435456 bytes");
	for (guint i = 0; i < GEO_FILES_MAX; i++)
		assert_true(add_text(geo, "a.csv", "network,asn\n198.51.100.0/24,1\n", NULL));
	assert_false(add_text(geo, "a.csv", "network,asn\n198.51.100.0/24,1\n", &error));
	assert_true(g_error_matches(error, DMARCD_ERROR, DMARCD_ERROR_LIMIT));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_vendor_s_database_is_understood),
		cmocka_unit_test(a_database_of_ipv4_knows_no_ipv6),
		cmocka_unit_test(what_a_database_says_is_cleaned_and_cut),
		cmocka_unit_test(every_vendor_s_table_is_understood),
		cmocka_unit_test(rows_that_are_no_networks_are_left_out_and_counted),
		cmocka_unit_test(the_edges_of_the_address_space_can_be_ranges),
		cmocka_unit_test(of_ranges_that_overlap_the_later_begun_counts),
		cmocka_unit_test(the_first_file_that_knows_is_believed),
		cmocka_unit_test(what_is_no_geo_data_is_refused_by_name),
		cmocka_unit_test(a_database_that_is_cut_short_is_refused),
		cmocka_unit_test(a_database_with_any_byte_broken_is_safe),
		cmocka_unit_test(files_over_a_limit_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
