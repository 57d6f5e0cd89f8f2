/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <glib.h>

#include "web/router.h"

static const struct page_route overview = { .path = "/" };
static const struct page_route sources = { .path = "/sources" };
static const struct page_route source = { .path = "/sources/*" };
static const struct page_route list = { .path = "/sources/list" };
static const struct page_route mail = { .path = "/sources/*/mail" };
static const struct page_route *const pages[] = {
	&overview, &source, &sources, &list, &mail, NULL,
};

static void
expect_page(const char *path, const struct page_route *page, const char *expected_tail)
{
	g_autofree char *tail = NULL;

	assert_ptr_equal(router_find(pages, path, &tail), page);
	if (page)
		assert_string_equal(tail, expected_tail);
}

static void
a_path_finds_its_page(void **state)
{
	(void)state;
	expect_page("/", &overview, "");
	expect_page("/summary", &overview, "");
	expect_page("/sources", &sources, "");
	expect_page("/sources/192.0.2.1", &source, "192.0.2.1");
	expect_page("/sources/list", &list, "");
	expect_page("/sources/list2", &source, "list2");
	expect_page("/sources/192.0.2.1/mail", &mail, "192.0.2.1");
	expect_page("/sources/list/mail", &mail, "list");
	expect_page("/sources/mail", &source, "mail");
}

static void
what_is_near_a_page_is_no_page(void **state)
{
	(void)state;
	expect_page("/sources/", NULL, NULL);
	expect_page("/sources/a/b", NULL, NULL);
	expect_page("/sources//mail", NULL, NULL);
	expect_page("/sources/a/mail/", NULL, NULL);
	expect_page("/sources/a/b/mail", NULL, NULL);
	expect_page("/source", NULL, NULL);
	expect_page("/sourcesx", NULL, NULL);
	expect_page("/*", NULL, NULL);
	expect_page("/Sources", NULL, NULL);
}

static void
every_page_of_the_table_can_be_reached(void **state)
{
	const struct page_route *const *all = router_pages();

	(void)state;
	for (guint i = 0; all[i]; i++) {
		assert_ptr_equal(router_find(all, all[i]->path, NULL), all[i]);
		assert_true(all[i]->get || all[i]->post);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_finds_its_page),
		cmocka_unit_test(what_is_near_a_page_is_no_page),
		cmocka_unit_test(every_page_of_the_table_can_be_reached),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
