/* SPDX-License-Identifier: MIT */
/* Known senders and reporters: found by the right sign only, and no table can do harm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <gio/gio.h>

#include "core/error.h"
#include "enrich/catalogue.h"
#include "enrich/known_reporters.h"
#include "enrich/table.h"

#define HEADER                                                                                 \
	"id\tname\tkind\trdns_suffixes\tspf_domains\tdkim_domains\tdkim_selectors\tasns\tcan_" \
	"align_spf\tcan_align_dkim\tfix_en\tdoc_url\tconfidence\n"

static const char table_text[] = HEADER
	"post\tPost Service\tesp\tmta.post.example\tspf.post.example\tpost.example\tk1;p*\t64500\t"
	"paid\tyes\tSign it.\thttps://post.example/\thigh\n"
	"big\tBig "
	"Host\thosting\tpost.example\t\t\tk1;big*-x\t\tyes\tunknown\t\tjavascript:x\tmedium\n"
	"maybe\t\tmailbox\tbox.example\t\t\t\t\t\t\t\t\tlow\n";

static struct catalogue *
make_catalogue(void)
{
	struct catalogue *catalogue = catalogue_new();
	guint left_out = 9;

	assert_true(
		catalogue_add_senders(catalogue, table_text, strlen(table_text), &left_out, NULL));
	assert_int_equal(left_out, 0);
	return catalogue;
}

static void
check_id(const struct sender *sender, const char *id)
{
	if (!id) {
		assert_null(sender);
		return;
	}
	assert_non_null(sender);
	assert_string_equal(sender->id, id);
}

static void
finds_the_longest_suffix_on_a_label_border(void **state)
{
	g_autoptr(catalogue_auto) c = make_catalogue();

	(void)state;
	check_id(catalogue_find_rdns(c, "out1.mta.post.example"), "post");
	check_id(catalogue_find_rdns(c, "mta.post.example"), "post");
	check_id(catalogue_find_rdns(c, "OUT.MTA.POST.EXAMPLE."), "post");
	check_id(catalogue_find_rdns(c, "vm7.post.example"), "big");
	check_id(catalogue_find_rdns(c, "xmta.post.example"), "big");
	check_id(catalogue_find_rdns(c, "xpost.example"), NULL);
	check_id(catalogue_find_rdns(c, "example"), NULL);
	check_id(catalogue_find_rdns(c, ""), NULL);
	check_id(catalogue_find_rdns(c, "..."), NULL);
}

static void
keeps_the_signs_apart(void **state)
{
	g_autoptr(catalogue_auto) c = make_catalogue();

	(void)state;
	check_id(catalogue_find_dkim(c, "eu.post.example"), "post");
	check_id(catalogue_find_dkim(c, "box.example"), NULL);
	check_id(catalogue_find_spf(c, "spf.post.example"), "post");
	check_id(catalogue_find_spf(c, "post.example"), NULL);
	check_id(catalogue_find_asn(c, 64500), "post");
	check_id(catalogue_find_asn(c, 0), NULL);
	check_id(catalogue_find_id(c, "maybe"), "maybe");
}

static void
a_selector_of_several_names_nobody(void **state)
{
	g_autoptr(catalogue_auto) c = make_catalogue();

	(void)state;
	check_id(catalogue_find_selector(c, "k1"), NULL);
	check_id(catalogue_find_selector(c, "P20"), "post");
	check_id(catalogue_find_selector(c, "p"), "post");
	check_id(catalogue_find_selector(c, "big7-x"), "big");
	check_id(catalogue_find_selector(c, "big7-y"), NULL);
	check_id(catalogue_find_selector(c, ""), NULL);
}

static void
only_a_sure_kind_is_a_category(void **state)
{
	g_autoptr(catalogue_auto) c = make_catalogue();
	const struct sender *post = catalogue_find_id(c, "post");

	(void)state;
	assert_int_equal(sender_category(post), CATEGORY_ESP);
	assert_int_equal(sender_category(catalogue_find_id(c, "big")), CATEGORY_NONE);
	assert_int_equal(sender_category(catalogue_find_id(c, "maybe")), CATEGORY_NONE);
	assert_int_equal(post->can_align_spf, CAN_ALIGN_PAID);
	assert_int_equal(post->can_align_dkim, CAN_ALIGN_YES);
	assert_string_equal(post->fix, "Sign it.");
	assert_string_equal(post->doc_url, "https://post.example/");
	assert_string_equal(catalogue_find_id(c, "big")->doc_url, "");
	assert_string_equal(catalogue_find_id(c, "maybe")->name, "maybe");
}

static void
what_is_added_later_wins(void **state)
{
	g_autoptr(catalogue_auto) c = make_catalogue();
	static const char more[] = "id\tname\tkind\trdns_suffixes\tconfidence\n"
				   "post\tOur Post\tgateway\tnew.example\thigh\n"
				   "own\tOwn\tesp\tbox.example;nodot;-x.ex ample\tmedium\n"
				   "No Id\tx\tesp\tz.example\thigh\n";
	guint left_out;

	(void)state;
	assert_true(catalogue_add_senders(c, more, strlen(more), &left_out, NULL));
	assert_int_equal(left_out, 3);
	assert_string_equal(catalogue_find_rdns(c, "mta.post.example")->name, "Our Post");
	assert_int_equal(sender_category(catalogue_find_rdns(c, "new.example")), CATEGORY_GATEWAY);
	check_id(catalogue_find_rdns(c, "box.example"), "own");
	assert_int_equal(catalogue_n_senders(c), 4);
}

static void
reads_the_map_of_parsedmarc(void **state)
{
	static const char map[] = "\xef\xbb\xbf"
				  "base_reverse_dns,name,type\r\n"
				  "news.example,\"News, \"\"Inc.\"\"\",Marketing\r\n"
				  "news2.example,\"News, \"\"Inc.\"\"\",Marketing\r\n"
				  "line.example,Line,ISP\n"
				  "post.example,Somebody,Email Security\n"
				  ",Nobody,ISP\n";
	g_autoptr(catalogue_auto) c = make_catalogue();
	guint left_out;

	(void)state;
	assert_true(catalogue_add_map(c, map, strlen(map), &left_out, NULL));
	assert_int_equal(left_out, 1);
	const struct sender *news = catalogue_find_rdns(c, "a.news.example");
	assert_string_equal(news->name, "News, \"Inc.\"");
	assert_ptr_equal(news, catalogue_find_rdns(c, "news2.example"));
	assert_int_equal(sender_category(news), CATEGORY_ESP);
	assert_int_equal(sender_category(catalogue_find_rdns(c, "line.example")), CATEGORY_NONE);
	check_id(catalogue_find_rdns(c, "post.example"), "big");
}

static void
refuse(struct catalogue *c, const char *bytes, gsize len, enum dmarcd_error code)
{
	g_autoptr(GError) error = NULL;
	guint before = catalogue_n_senders(c);

	assert_false(catalogue_add_senders(c, bytes, len, NULL, &error));
	assert_true(g_error_matches(error, DMARCD_ERROR, (gint)code));
	assert_int_equal(catalogue_n_senders(c), before);
}

static void
refuses_a_table_over_a_limit_as_a_whole(void **state)
{
	g_autoptr(catalogue_auto) c = make_catalogue();
	g_autoptr(GString) text = g_string_new("id\tname\nfirst\tFirst\nlong\t");

	(void)state;
	for (guint i = 0; i < 5000; i++)
		g_string_append_c(text, 'a');
	refuse(c, text->str, text->len, DMARCD_ERROR_LIMIT);
	g_string_assign(text, "id\tname\nfirst\tFirst\nwide");
	for (guint i = 0; i < TABLE_COLUMNS_MAX; i++)
		g_string_append_c(text, '\t');
	refuse(c, text->str, text->len, DMARCD_ERROR_LIMIT);
	g_string_assign(text, "id\n");
	for (guint i = 0; i <= TABLE_ROWS_MAX; i++)
		g_string_append(text, "x\n");
	refuse(c, text->str, text->len, DMARCD_ERROR_LIMIT);
	refuse(c, "name\nx\n", 7, DMARCD_ERROR_INVALID);
	refuse(c, "", 0, DMARCD_ERROR_INVALID);
}

static void
the_tables_of_the_program_are_whole(void **state)
{
	g_autoptr(GBytes) bytes = g_resources_lookup_data("/dmarcd/schema/known_senders.tsv",
							  G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
	g_autoptr(catalogue_auto) builtin = catalogue_new_builtin();
	g_autoptr(catalogue_auto) again = catalogue_new();
	g_autoptr(known_reporters_auto) reporters = known_reporters_new_builtin();
	guint left_out;
	gsize len;
	const char *start = g_bytes_get_data(bytes, &len);

	(void)state;
	assert_true(catalogue_add_senders(again, start, len, &left_out, NULL));
	assert_int_equal(left_out, 0);
	assert_int_equal(catalogue_n_senders(builtin), 220);
	check_id(catalogue_find_rdns(builtin, "mail-ej1-f41.google.com"), "google-workspace");
	assert_int_equal(sender_category(catalogue_find_id(builtin, "google-workspace")),
			 CATEGORY_MAILBOX);
	assert_int_equal(known_reporters_n(reporters), 114);
}

static void
a_shared_domain_counts_by_its_address_alone(void **state)
{
	static const char text[] = "domain\treport_from\tshared\tname\tconfidence\n"
				   "free.example\tabuse@free.example\tyes\tFree\thigh\n"
				   "own.example\t\tno\tOwn\tmedium\n"
				   "guess.example\ta@guess.example\tno\tGuess\tlow\n"
				   "many.example\tmailer@*.many.example\tyes\tMany\thigh\n"
				   "nobody.example\t\tyes\tNobody\thigh\n"
				   "odd.example\t\t\tOdd\thigh\n";
	g_autoptr(known_reporters_auto) r = known_reporters_read(text, strlen(text), NULL);
	static const struct {
		const char *domain;
		const char *from;
		gboolean is_established;
	} mails[] = {
		{ "free.example", "abuse@free.example", TRUE },
		{ "free.example", "Abuse@Free.Example", TRUE },
		{ "free.example", "somebody@free.example", FALSE },
		{ "free.example", "xabuse@free.example", FALSE },
		{ "own.example", "anybody@own.example", TRUE },
		{ "mx.own.example", "anybody@mx.own.example", TRUE },
		{ "guess.example", "a@guess.example", FALSE },
		{ "many.example", "mailer@esa1.many.example", TRUE },
		{ "many.example", "mailer@many.example", FALSE },
		{ "many.example", "mailer@.many.example", FALSE },
		{ "many.example", "other@esa1.many.example", FALSE },
		{ "many.example", "mailer@xmany.example", FALSE },
		{ "nobody.example", "", FALSE },
		{ "odd.example", "a@odd.example", FALSE },
	};

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(mails); i++) {
		const struct known_reporter *found = known_reporters_find(r, mails[i].domain);
		assert_non_null(found);
		if (known_reporter_is_established(found, mails[i].from) != mails[i].is_established)
			fail_msg("%s", mails[i].from);
	}
	assert_null(known_reporters_find(r, "xown.example"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_longest_suffix_on_a_label_border),
		cmocka_unit_test(keeps_the_signs_apart),
		cmocka_unit_test(a_selector_of_several_names_nobody),
		cmocka_unit_test(only_a_sure_kind_is_a_category),
		cmocka_unit_test(what_is_added_later_wins),
		cmocka_unit_test(reads_the_map_of_parsedmarc),
		cmocka_unit_test(refuses_a_table_over_a_limit_as_a_whole),
		cmocka_unit_test(the_tables_of_the_program_are_whole),
		cmocka_unit_test(a_shared_domain_counts_by_its_address_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
