/* SPDX-License-Identifier: MIT */
/* Whose name is it? The organisational domain by the Public Suffix List, hostile names included. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <glib.h>

#include "enrich/org_domain.h"

static const struct {
	const char *name;
	const char *domain;
} names[] = {
	{ "a.b.example", "b.example" },
	{ "b.example", "b.example" },
	{ "example", "example" },
	{ "", "" },
	{ "mail.example.co.uk", "example.co.uk" },
	{ "co.uk", "co.uk" },
	{ "com", "com" },
	{ "Mail.EXAMPLE.Co.Uk", "EXAMPLE.Co.Uk" },
	/* Wildcards and their exceptions. */
	{ "a.b.c.kobe.jp", "b.c.kobe.jp" },
	{ "mail.city.kobe.jp", "city.kobe.jp" },
	{ "mail.www.ck", "www.ck" },
	/* The private section. */
	{ "mail.somebody.github.io", "somebody.github.io" },
	{ "github.io", "github.io" },
	/* Both forms of an internationalised name. */
	{ "mail.食狮.公司.cn", "食狮.公司.cn" },
	{ "mail.xn--85x722f.xn--55qx5d.cn", "xn--85x722f.xn--55qx5d.cn" },
	/* More labels than libpsl looks at. */
	{ "a.b.c.d.e.f.g.h.i.j.example.co.uk", "example.co.uk" },
	/* No domains. */
	{ "192.0.2.1", "192.0.2.1" },
	{ "a.example.", "a.example." },
	{ ".a.example", ".a.example" },
	{ "a..b.example", "a..b.example" },
	{ ".", "." },
	{ "........", "........" },
	{ "2001:db8::1", "2001:db8::1" },
	/* Bytes that no name has. */
	{ "a\x01\x7f.b\r\n.example", "b\r\n.example" },
	{ "a.\xff\xfe.com", "\xff\xfe.com" },
	{ "a.\xe5\x85.com", "\xe5\x85.com" },
};

static void
the_domain_is_a_suffix_of_the_name(void **state)
{
	const struct org_domains *domains = *state;

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		const char *name = names[i].name;
		const char *domain = org_domain_of(domains, name);
		assert_string_equal(domain, names[i].domain);
		assert_ptr_equal(domain, name + strlen(name) - strlen(domain));
	}
}

static void
a_name_of_any_length_is_safe(void **state)
{
	const struct org_domains *domains = *state;

	for (gsize len = 240; len < 260; len++) {
		g_autofree char *label = g_strnfill(len - strlen(".b.example"), 'a');
		g_autofree char *name = g_strconcat(label, ".b.example", NULL);
		assert_string_equal(org_domain_of(domains, name), len <= 253 ? "b.example" : name);
	}
	g_autofree char *huge = g_strnfill(1024 * 1024, 'A');
	assert_ptr_equal(org_domain_of(domains, huge), huge);
	g_autofree char *dots = g_strnfill(1024 * 1024, '.');
	assert_ptr_equal(org_domain_of(domains, dots), dots);
}

static void
every_string_of_bytes_has_a_suffix_as_its_answer(void **state)
{
	static const char letters[] = ".ab-\x01\x80\xc3\xff\xe5xn";
	const struct org_domains *domains = *state;
	g_autoptr(GRand) rand = g_rand_new_with_seed(7);

	for (guint i = 0; i < 20000; i++) {
		char name[300] = "";
		gsize len = (gsize)g_rand_int_range(rand, 0, 280);
		for (gsize j = 0; j < len; j++)
			name[j] = letters[g_rand_int_range(rand, 0, sizeof letters - 1)];
		const char *domain = org_domain_of(domains, name);
		assert_true(domain >= name && domain <= name + len);
		assert_true(domain == name || domain[-1] == '.');
	}
}

static void
the_list_has_a_date(void **state)
{
	assert_true(org_domains_made_at(*state) > 1600000000);
}

static int
open_list(void **state)
{
	*state = org_domains_new();
	return 0;
}

static int
close_list(void **state)
{
	org_domains_free(*state);
	org_domains_free(NULL);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_domain_is_a_suffix_of_the_name),
		cmocka_unit_test(a_name_of_any_length_is_safe),
		cmocka_unit_test(every_string_of_bytes_has_a_suffix_as_its_answer),
		cmocka_unit_test(the_list_has_a_date),
	};

	return cmocka_run_group_tests(tests, open_list, close_list);
}
