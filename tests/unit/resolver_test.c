/* SPDX-License-Identifier: MIT */
/* The resolver against a server on loopback that does what a script says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "core/error.h"
#include "net/dns_name.h"
#include "tests/support/dns_house.h"

/* What came of one question, as text: "found 300 192.0.2.1 192.0.2.2", "none 120", "servfail". */
struct heard {
	GString *text;
	guint n_answers;
};

static void
note(gpointer data, const struct dns_answer *answer)
{
	struct heard *heard = data;
	char ip[IP_TEXT_LEN];

	heard->n_answers++;
	if (answer->state == DNS_FAILED) {
		g_string_append(heard->text, dns_reason_name(answer->reason));
		assert_int_equal(answer->records->len, 0);
		return;
	}
	g_string_append_printf(heard->text, "%s %u", answer->state == DNS_FOUND ? "found" : "none",
			       answer->ttl_s);
	for (guint i = 0; i < answer->records->len; i++) {
		const struct dns_record *record = dns_answer_record(answer, i);
		g_string_append_printf(heard->text, " %s",
				       *record->text ? record->text : ip_format(&record->ip, ip));
	}
	if (answer->n_dropped > 0)
		g_string_append_printf(heard->text, " dropped %u", answer->n_dropped);
}

static void
expect(struct resolver *resolver, enum dns_type type, const char *name, const char *answer)
{
	struct heard heard = { .text = g_string_new(NULL) };

	resolver_ask(resolver, type, name, note, &heard);
	assert_true(resolver_run(resolver, NULL, NULL));
	assert_int_equal(heard.n_answers, 1);
	assert_string_equal(heard.text->str, answer);
	g_string_free(heard.text, TRUE);
}

static void
each_type_is_read_with_its_time_to_live(void **state)
{
	g_autoptr(dns_house_auto) house =
		dns_house_open("host.example 300 A 192.0.2.1\n"
			       "host.example 200 A 192.0.2.2\n"
			       "host.example 300 AAAA 2001:db8::1\n"
			       "host.example 1 MX 10 Mail.Example\n"
			       "host.example 99999999 TXT v=spf1 -all\n"
			       "1.2.0.192.in-addr.arpa 3600 PTR HOST.example\n"
			       "also.example 250 CNAME host.example\n");
	g_autoptr(resolver_auto) resolver = dns_house_resolver(house);

	(void)state;
	expect(resolver, DNS_A, "Host.EXAMPLE.", "found 200 192.0.2.1 192.0.2.2");
	expect(resolver, DNS_AAAA, "host.example", "found 300 2001:db8::1");
	expect(resolver, DNS_MX, "host.example", "found 60 mail.example");
	expect(resolver, DNS_TXT, "host.example", "found 604800 v=spf1 -all");
	expect(resolver, DNS_PTR, "1.2.0.192.in-addr.arpa", "found 3600 host.example");
	expect(resolver, DNS_AAAA, "also.example", "found 250 2001:db8::1");
}

static void
absence_is_not_failure(void **state)
{
	g_autoptr(dns_house_auto) house = dns_house_open("there.example 300 A 192.0.2.1\n"
							 "away.example 300 CNAME gone.example\n"
							 "bare.example ! nodata-bare\n"
							 "nobare.example ! nxdomain-bare\n"
							 "sf.example ! servfail\n"
							 "ref.example ! refused\n"
							 "far.example ! referral\n");
	g_autoptr(resolver_auto) resolver = dns_house_resolver(house);

	(void)state;
	expect(resolver, DNS_A, "absent.example", "none 120");
	expect(resolver, DNS_MX, "there.example", "none 120");
	expect(resolver, DNS_A, "away.example", "none 120");
	expect(resolver, DNS_A, "bare.example", "none 3600");
	expect(resolver, DNS_A, "nobare.example", "none 3600");
	expect(resolver, DNS_A, "sf.example", "servfail");
	expect(resolver, DNS_A, "ref.example", "refused");
	expect(resolver, DNS_A, "far.example", "referral");
}

static void
an_answer_that_was_cut_is_asked_for_over_tcp(void **state)
{
	g_autoptr(dns_house_auto) house = dns_house_open("cut.example 300 A 192.0.2.1\n"
							 "cut.example ! truncate\n"
							 "no.example ! no-tcp\n"
							 "no.example 300 TXT x{1300}\n");
	g_autoptr(resolver_auto) resolver = dns_house_resolver(house);

	(void)state;
	expect(resolver, DNS_A, "cut.example", "found 300 192.0.2.1");
	expect(resolver, DNS_TXT, "count.server.example", "found 60 udp 2 tcp 1");
	expect(resolver, DNS_TXT, "no.example", "silence");
}

static void
lies_are_failures(void **state)
{
	g_autoptr(dns_house_auto) house = dns_house_open("name.example ! other-name\n"
							 "question.example ! other-question\n"
							 "id.example ! other-id\n"
							 "trash.example ! garbage\n"
							 "short.example 300 A 192.0.2.1\n"
							 "short.example ! cut-short\n"
							 "echo.example ! echo\n"
							 "a.loop.example 9 CNAME b.loop.example\n"
							 "b.loop.example 9 CNAME a.loop.example\n");
	g_autoptr(resolver_auto) resolver = dns_house_resolver(house);

	(void)state;
	expect(resolver, DNS_A, "name.example", "malformed");
	expect(resolver, DNS_A, "question.example", "silence");
	expect(resolver, DNS_A, "id.example", "silence");
	expect(resolver, DNS_A, "trash.example", "silence");
	expect(resolver, DNS_A, "short.example", "malformed");
	expect(resolver, DNS_A, "echo.example", "malformed");
	expect(resolver, DNS_A, "a.loop.example", "loop");
}

static void
what_is_no_host_name_is_dropped(void **state)
{
	g_autoptr(dns_house_auto) house =
		dns_house_open("p.example 300 PTR good.example\n"
			       "p.example 300 PTR b\\007ell.example\n"
			       "p.example 300 PTR <script>.example\n"
			       "p.example 300 PTR dot\\046ted.example\n"
			       "p.example 300 PTR localhost\n"
			       "p.example 300 PTR 192.0.2.1\n"
			       "null.example 300 MX 0 .\n"
			       "t.example 300 TXT a\\255\\001z\n"
			       "mapped.example 300 AAAA ::ffff:192.0.2.1\n");
	g_autoptr(resolver_auto) resolver = dns_house_resolver(house);

	(void)state;
	expect(resolver, DNS_PTR, "p.example", "found 300 good.example dropped 5");
	expect(resolver, DNS_MX, "null.example", "found 300 dropped 1");
	expect(resolver, DNS_AAAA, "mapped.example", "found 300 dropped 1");
	expect(resolver, DNS_TXT, "t.example", "found 300 a??z");
}

static void
records_and_texts_are_bounded(void **state)
{
	g_autoptr(GString) script = g_string_new("long.example 300 TXT x{5000}\n");
	struct heard heard = { .text = g_string_new(NULL) };

	(void)state;
	for (guint i = 0; i < 300; i++)
		g_string_append_printf(script, "many.example 300 PTR h%u.example\n", i);
	for (guint i = 0; i < 1001; i++)
		g_string_append_printf(script, "most.example 300 A 10.0.%u.%u\n", i / 256, i % 256);
	g_autoptr(dns_house_auto) house = dns_house_open(script->str);
	g_autoptr(resolver_auto) resolver = dns_house_resolver(house);
	resolver_ask(resolver, DNS_TXT, "long.example", note, &heard);
	assert_true(resolver_run(resolver, NULL, NULL));
	assert_int_equal(heard.text->len, strlen("found 300 ") + DNS_TEXT_LEN_MAX);
	g_string_truncate(heard.text, 0);
	resolver_ask(resolver, DNS_PTR, "many.example", note, &heard);
	assert_true(resolver_run(resolver, NULL, NULL));
	assert_true(g_str_has_suffix(heard.text->str, " dropped 44"));
	expect(resolver, DNS_A, "most.example", "malformed");
	g_string_free(heard.text, TRUE);
}

static void
only_names_are_asked(void **state)
{
	g_autoptr(dns_house_auto) house = dns_house_open("");
	g_autoptr(resolver_auto) resolver = dns_house_resolver(house);
	g_autofree char *label = g_strnfill(64, 'a');
	g_autofree char *long_label = g_strconcat(label, ".example", NULL);
	g_autoptr(GString) long_name = g_string_new("example");

	(void)state;
	while (long_name->len <= DNS_NAME_LEN_MAX)
		g_string_append(long_name, ".abcdefghi");
	const char *const cases[] = { "",
				      "localhost",
				      ".",
				      ".example",
				      "a..example",
				      "a b.example",
				      "\xc3\xa4.example",
				      "a\n.example",
				      "a.example..",
				      "%{i}.example",
				      "192.0.2.1",
				      long_label,
				      long_name->str };
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
		expect(resolver, DNS_A, cases[i], "name");
	assert_int_equal(resolver_n_asked(resolver), 0);
	expect(resolver, DNS_A, "_a-b.example", "none 120");
}

static void
a_slow_answer_is_waited_for_and_silence_is_unknown(void **state)
{
	g_autoptr(dns_house_auto) house = dns_house_open("slow.example 300 A 192.0.2.1\n"
							 "slow.example ! delay 150\n"
							 "mute.example ! silence\n");
	g_autoptr(resolver_auto) resolver = dns_house_resolver(house);

	(void)state;
	expect(resolver, DNS_A, "slow.example", "found 300 192.0.2.1");
	expect(resolver, DNS_A, "mute.example", "silence");
	expect(resolver, DNS_A, "absent.example", "none 120");
}

static void
ask_many(struct resolver *resolver, guint n, const char *zone, struct heard *heard)
{
	for (guint i = 0; i < n; i++) {
		g_autofree char *name = g_strdup_printf("n%u.%s", i, zone);
		resolver_ask(resolver, DNS_A, name, note, heard);
	}
}

static guint
count(const char *text, const char *word)
{
	g_auto(GStrv) parts = g_strsplit(text, word, -1);

	return g_strv_length(parts) - 1;
}

static void
a_resolver_that_is_not_there_ends_the_run_early(void **state)
{
	g_autoptr(dns_house_auto) house = dns_house_open(". ! quiet-after 0\n");
	g_autoptr(resolver_auto) resolver = dns_house_resolver(house);
	struct heard heard = { .text = g_string_new(NULL) };
	g_autoptr(GError) error = NULL;
	gint64 start = g_get_monotonic_time();

	(void)state;
	ask_many(resolver, 10000, "example", &heard);
	assert_false(resolver_run(resolver, NULL, &error));
	assert_int_equal(error->code, DMARCD_ERROR_AGAIN);
	assert_string_equal(error->message, "the resolver does not answer");
	assert_int_equal(heard.n_answers, 10000);
	assert_int_equal(count(heard.text->str, "silence"), 10000);
	assert_true(resolver_n_asked(resolver) <= 16 + RESOLVER_UNANSWERED_N);
	assert_true(g_get_monotonic_time() - start < 5 * G_USEC_PER_SEC);
	/* It stays so. */
	ask_many(resolver, 1, "example", &heard);
	assert_false(resolver_run(resolver, NULL, NULL));
	assert_int_equal(heard.n_answers, 10001);
	g_string_free(heard.text, TRUE);
}

static void
a_resolver_that_goes_away_ends_the_run(void **state)
{
	g_autoptr(dns_house_auto) house = dns_house_open("*.example 60 A 192.0.2.1\n"
							 ". ! quiet-after 500\n");
	g_autoptr(resolver_auto) resolver = dns_house_resolver(house);
	struct heard heard = { .text = g_string_new(NULL) };

	(void)state;
	ask_many(resolver, 2000, "example", &heard);
	assert_false(resolver_run(resolver, NULL, NULL));
	assert_int_equal(heard.n_answers, 2000);
	assert_int_equal(count(heard.text->str, "found"), 500);
	assert_true(resolver_n_asked(resolver) < 600);
	g_string_free(heard.text, TRUE);
}

static void
a_closed_port_ends_the_run_at_once(void **state)
{
	const char *const servers[] = { "127.0.0.1:1", NULL };
	struct resolver_options options = resolver_default_options;
	struct heard heard = { .text = g_string_new(NULL) };

	(void)state;
	options.servers = servers;
	g_autoptr(resolver_auto) resolver = resolver_new(&options, NULL);
	ask_many(resolver, 5000, "example", &heard);
	assert_false(resolver_run(resolver, NULL, NULL));
	assert_int_equal(heard.n_answers, 5000);
	assert_true(resolver_n_asked(resolver) < 200);
	g_string_free(heard.text, TRUE);
}

static void
names_that_nobody_answers_do_not_make_a_dead_resolver(void **state)
{
	g_autoptr(GString) script = g_string_new("*.example 60 A 192.0.2.1\n");
	struct heard heard = { .text = g_string_new(NULL) };

	(void)state;
	for (guint i = 0; i < 40; i++)
		g_string_append_printf(script, "n%u.mute.example ! silence\n", i);
	g_autoptr(dns_house_auto) house = dns_house_open(script->str);
	g_autoptr(resolver_auto) resolver = dns_house_resolver(house);
	ask_many(resolver, 40, "mute.example", &heard);
	ask_many(resolver, 40, "example", &heard);
	assert_true(resolver_run(resolver, NULL, NULL));
	assert_int_equal(count(heard.text->str, "silence"), 40);
	assert_int_equal(count(heard.text->str, "found"), 40);
	g_string_free(heard.text, TRUE);
}

static void
the_budget_is_kept_and_what_is_over_it_is_unknown(void **state)
{
	g_autoptr(dns_house_auto) house = dns_house_open("*.example 60 A 192.0.2.1\n");
	const char *const servers[] = { dns_house_server(house), NULL };
	struct resolver_options options = resolver_default_options;
	struct heard heard = { .text = g_string_new(NULL) };

	(void)state;
	options.servers = servers;
	options.budget = 25;
	g_autoptr(resolver_auto) resolver = resolver_new(&options, NULL);
	ask_many(resolver, 100, "example", &heard);
	assert_true(resolver_run(resolver, NULL, NULL));
	assert_int_equal(resolver_n_asked(resolver), 25);
	assert_int_equal(count(heard.text->str, "found"), 25);
	assert_int_equal(count(heard.text->str, "budget"), 75);
	g_string_free(heard.text, TRUE);
}

static gpointer
cancel_soon(gpointer cancel)
{
	g_usleep(G_USEC_PER_SEC / 5);
	g_cancellable_cancel(cancel);
	return NULL;
}

static void
a_stop_is_heard_and_every_question_is_answered(void **state)
{
	g_autoptr(dns_house_auto) house = dns_house_open("mute.example ! silence\n");
	const char *const servers[] = { dns_house_server(house), NULL };
	struct resolver_options options = resolver_default_options;
	struct heard heard = { .text = g_string_new(NULL) };
	g_autoptr(GCancellable) cancel = g_cancellable_new();

	(void)state;
	options.servers = servers;
	options.timeout_ms = 20000;
	g_autoptr(resolver_auto) resolver = resolver_new(&options, NULL);
	resolver_ask(resolver, DNS_A, "mute.example", note, &heard);
	gint64 start = g_get_monotonic_time();
	GThread *thread = g_thread_new("cancel", cancel_soon, cancel);
	assert_false(resolver_run(resolver, cancel, NULL));
	assert_true(g_get_monotonic_time() - start < 2 * G_USEC_PER_SEC);
	g_thread_join(thread);
	assert_string_equal(heard.text->str, "stopped");
	resolver_ask(resolver, DNS_A, "mute.example", note, &heard);
	g_clear_pointer(&resolver, resolver_free);
	assert_string_equal(heard.text->str, "stoppedstopped");
	g_string_free(heard.text, TRUE);
}

static void
the_next_server_is_asked_where_one_is_silent(void **state)
{
	g_autoptr(dns_house_auto) mute = dns_house_open(". ! quiet-after 0\n");
	g_autoptr(dns_house_auto) house = dns_house_open("*.example 60 A 192.0.2.1\n");
	const char *const servers[] = { dns_house_server(mute), dns_house_server(house), NULL };
	struct resolver_options options = resolver_default_options;

	(void)state;
	options.servers = servers;
	options.timeout_ms = 100;
	g_autoptr(resolver_auto) resolver = resolver_new(&options, NULL);
	expect(resolver, DNS_A, "a.example", "found 60 192.0.2.1");
}

static void
servers_are_addresses_with_ports(void **state)
{
	static const char *const good[] = { "192.0.2.53", "192.0.2.53:5353", "[2001:db8::53]:53",
					    "2001:db8::53" };
	static const char *const bad[] = {
		"",        "ns.example",       "192.0.2.53:",          "192.0.2.53:99999",
		"192.0.2", "dns://192.0.2.53", "192.0.2.53,192.0.2.54"
	};
	const char *const servers[] = { "ns.example", NULL };
	struct resolver_options options = resolver_default_options;
	g_autoptr(GError) error = NULL;

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(good); i++)
		assert_true(resolver_check_server(good[i], NULL));
	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++)
		assert_false(resolver_check_server(bad[i], NULL));
	options.servers = servers;
	assert_null(resolver_new(&options, &error));
	assert_int_equal(error->code, DMARCD_ERROR_INVALID);
}

static void
ten_thousand_names_are_asked_in_one_run(void **state)
{
	g_autoptr(dns_house_auto) house = dns_house_open("*.example 60 A 192.0.2.1\n");
	const char *const servers[] = { dns_house_server(house), NULL };
	struct resolver_options options = resolver_default_options;
	struct heard heard = { .text = g_string_new(NULL) };
	struct rusage before;
	struct rusage after;

	(void)state;
	options.servers = servers;
	g_autoptr(resolver_auto) resolver = resolver_new(&options, NULL);
	getrusage(RUSAGE_SELF, &before);
	gint64 start = g_get_monotonic_time();
	ask_many(resolver, 10000, "example", &heard);
	assert_true(resolver_run(resolver, NULL, NULL));
	gint64 us = g_get_monotonic_time() - start;
	getrusage(RUSAGE_SELF, &after);
	assert_int_equal(count(heard.text->str, "found"), 10000);
	print_message("10000 names in %d ms, %d questions a second, %ld kB more at the peak\n",
		      (int)(us / 1000), (int)((gint64)10000 * G_USEC_PER_SEC / us),
		      after.ru_maxrss - before.ru_maxrss);
	assert_true(after.ru_maxrss - before.ru_maxrss < 64 * 1024);
	g_string_free(heard.text, TRUE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		/* First: it measures the most memory that the program ever took. */
		cmocka_unit_test(ten_thousand_names_are_asked_in_one_run),
		cmocka_unit_test(each_type_is_read_with_its_time_to_live),
		cmocka_unit_test(absence_is_not_failure),
		cmocka_unit_test(an_answer_that_was_cut_is_asked_for_over_tcp),
		cmocka_unit_test(lies_are_failures),
		cmocka_unit_test(what_is_no_host_name_is_dropped),
		cmocka_unit_test(records_and_texts_are_bounded),
		cmocka_unit_test(only_names_are_asked),
		cmocka_unit_test(a_slow_answer_is_waited_for_and_silence_is_unknown),
		cmocka_unit_test(a_resolver_that_is_not_there_ends_the_run_early),
		cmocka_unit_test(a_resolver_that_goes_away_ends_the_run),
		cmocka_unit_test(a_closed_port_ends_the_run_at_once),
		cmocka_unit_test(names_that_nobody_answers_do_not_make_a_dead_resolver),
		cmocka_unit_test(the_budget_is_kept_and_what_is_over_it_is_unknown),
		cmocka_unit_test(a_stop_is_heard_and_every_question_is_answered),
		cmocka_unit_test(the_next_server_is_asked_where_one_is_silent),
		cmocka_unit_test(servers_are_addresses_with_ports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
