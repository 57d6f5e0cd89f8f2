/* SPDX-License-Identifier: MIT */
/* Records as reporters write them, and the counters their messages go into. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/row_facts.h"

#define RESULTS_MAX 4
#define REASONS_MAX 3

struct said {
	enum auth_kind kind;
	const char *domain;
	const char *selector;
	const char *result;
};

struct row {
	const char *what;
	struct said results[RESULTS_MAX];
	const char *reasons[REASONS_MAX][2]; /* type, comment */
	guint8 dkim;
	guint8 spf;
	gboolean is_service_address;
	guint32 marks;
};

#define DKIM(domain, selector, result)              \
	{                                           \
		AUTH_DKIM, domain, selector, result \
	}
#define SPF(domain, result)                  \
	{                                    \
		AUTH_SPF, domain, "", result \
	}
#define BARE (ROW_BARE | ROW_NOOWN)

static const struct row rows[] = {
	{ .what = "nothing at all", .marks = BARE },
	{ .what = "a record that passes has no mark",
	  .results = { DKIM("own.example", "s1", "pass"), SPF("esp.example", "pass") },
	  .reasons = { { "forwarded", "" } },
	  .dkim = ALIGNED_PASS,
	  .marks = 0 },
	{ .what = "SPF alone passes aligned",
	  .results = { SPF("own.example", "pass") },
	  .spf = ALIGNED_PASS,
	  .marks = 0 },
	{ .what = "SPF of the own domain fails",
	  .results = { SPF("own.example", "softfail") },
	  .marks = BARE },
	{ .what = "no signature, told as a result",
	  .results = { DKIM("own.example", "", "none"), SPF("own.example", "fail") },
	  .marks = BARE },
	{ .what = "the sender's own domain passes",
	  .results = { SPF("bounce.cheap.example", "pass") },
	  .marks = ROW_NOOWN | ROW_ORGMTA },
	{ .what = "an unaligned signature passes",
	  .results = { DKIM("cheap.example", "x", "pass") },
	  .marks = ROW_NOOWN | ROW_ORGMTA },
	{ .what = "a failing foreign domain is no excuse",
	  .results = { DKIM("cheap.example", "x", "fail"), SPF("cheap.example", "softfail") },
	  .marks = BARE },
	{ .what = "below the own domain, but not aligned as the policy wants",
	  .results = { SPF("mail.own.example", "pass") },
	  .marks = ROW_NOOWN },
	{ .what = "a known selector, broken",
	  .results = { DKIM("own.example", "s1", "fail") },
	  .marks = ROW_OWNSIG },
	{ .what = "below the own domain, a known selector, broken",
	  .results = { DKIM("mail.own.example", "s1", "fail") },
	  .marks = ROW_OWNSIG },
	{ .what = "broken, in a word of its own",
	  .results = { DKIM("own.example", "s1", "hardfail"), SPF("forwarder.example", "pass") },
	  .marks = ROW_OWNSIG | ROW_ORGMTA },
	{ .what = "a selector nobody knows",
	  .results = { DKIM("own.example", "made-up", "fail") },
	  .marks = 0 },
	{ .what = "no selector reported",
	  .results = { DKIM("own.example", "", "fail") },
	  .marks = 0 },
	{ .what = "by a sending service",
	  .results = { SPF("bounce.esp.example", "pass") },
	  .marks = ROW_NOOWN | ROW_ORGMTA | ROW_ESP },
	{ .what = "anybody can write a failing service",
	  .results = { SPF("bounce.esp.example", "fail") },
	  .marks = BARE },
	{ .what = "from the address of a sending service",
	  .is_service_address = TRUE,
	  .marks = BARE | ROW_ESP },
	{ .what = "key gone",
	  .results = { DKIM("own.example", "s1", "permerror") },
	  .marks = ROW_TMP },
	{ .what = "key gone, SPF of others passes",
	  .results = { DKIM("own.example", "s1", "temperror"), SPF("cheap.example", "pass") },
	  .marks = ROW_TMP | ROW_ORGMTA },
	{ .what = "SPF record broken, which it is for everybody",
	  .results = { SPF("own.example", "permerror") },
	  .marks = BARE },
	{ .what = "SPF not to be had, a service signs for itself",
	  .results = { DKIM("cheap.example", "x", "pass"), SPF("own.example", "temperror") },
	  .marks = ROW_NOOWN | ROW_ORGMTA },
	{ .what = "key gone, and SPF not to be had",
	  .results = { DKIM("own.example", "s1", "permerror"), SPF("own.example", "temperror") },
	  .marks = ROW_TMP },
	{ .what = "one own result of two is no error",
	  .results = { DKIM("own.example", "s1", "permerror"), SPF("own.example", "fail") },
	  .marks = 0 },
	{ .what = "an error of others is not ours",
	  .results = { DKIM("cheap.example", "x", "permerror") },
	  .marks = BARE },
	{ .what = "forwarded",
	  .results = { DKIM("own.example", "s1", "fail") },
	  .reasons = { { "forwarded", "" } },
	  .marks = ROW_FORWARDED | ROW_OWNSIG },
	{ .what = "mailing list",
	  .reasons = { { "mailing_list", "" } },
	  .marks = ROW_FORWARDED | ROW_NOOWN },
	{ .what = "trusted forwarder, and another reason",
	  .reasons = { { "other", "" }, { "trusted_forwarder", "" } },
	  .marks = ROW_FORWARDED | ROW_NOOWN },
	{ .what = "local policy for ARC",
	  .reasons = { { "local_policy", "ARC=PASS (i=1)" } },
	  .marks = ROW_FORWARDED | ROW_NOOWN },
	{ .what = "arc=pass says nothing beside another type",
	  .reasons = { { "other", "arc=pass" } },
	  .marks = BARE | ROW_NEUTRAL },
	{ .what = "local policy, bare",
	  .reasons = { { "local_policy", "" } },
	  .marks = BARE | ROW_NEUTRAL },
	{ .what = "sampled out",
	  .reasons = { { "sampled_out", "" } },
	  .marks = BARE | ROW_NEUTRAL },
	{ .what = "test mode, RFC 9990",
	  .reasons = { { "policy_test_mode", "" } },
	  .marks = BARE | ROW_NEUTRAL },
	{ .what = "the type as the text of the reason",
	  .reasons = { { "other", "" }, { "sampled_out", "" } },
	  .marks = BARE | ROW_NEUTRAL },
	{ .what = "free text as the reason",
	  .reasons = { { "dmarc fail, policy not applied", "" } },
	  .marks = ROW_NOOWN },
	{ .what = "an empty reason", .reasons = { { "", "" } }, .marks = BARE | ROW_NEUTRAL },
};

static guint32
intern(struct report *report, const char *name)
{
	for (guint i = 0; i < report->names->len; i++)
		if (g_str_equal(g_ptr_array_index(report->names, i), name))
			return i;
	union {
		const char *in;
		gpointer out;
	} text = { .in = name };
	g_ptr_array_add(report->names, text.out);
	return report->names->len - 1;
}

static void
fill(struct report *report, const struct row *row)
{
	struct run none = { 0, 0 };
	struct run results = { 0, 0 };
	struct run reasons = { 0, 0 };

	intern(report, "");
	for (; results.n < RESULTS_MAX && row->results[results.n].domain; results.n++) {
		const struct said *said = &row->results[results.n];
		struct auth_result result = {
			.kind = said->kind,
			.domain = intern(report, said->domain),
			.selector = intern(report, said->selector),
			.result = intern(report, said->result),
		};
		g_array_append_val(report->auth_results, result);
	}
	for (; reasons.n < REASONS_MAX && row->reasons[reasons.n][0]; reasons.n++) {
		struct reason reason = {
			.type = intern(report, row->reasons[reasons.n][0]),
			.comment = intern(report, row->reasons[reasons.n][1]),
		};
		g_array_append_val(report->reasons, reason);
	}
	g_array_append_val(report->auth_sets, none);
	g_array_append_val(report->auth_sets, results);
	g_array_append_val(report->reason_sets, none);
	g_array_append_val(report->reason_sets, reasons);
}

static struct report
make_report(const struct row *row)
{
	struct report report = {
		.names = g_ptr_array_new(),
		.auth_results = g_array_new(FALSE, FALSE, sizeof(struct auth_result)),
		.auth_sets = g_array_new(FALSE, FALSE, sizeof(struct run)),
		.reasons = g_array_new(FALSE, FALSE, sizeof(struct reason)),
		.reason_sets = g_array_new(FALSE, FALSE, sizeof(struct run)),
	};

	fill(&report, row);
	return report;
}

static void
clear_report(struct report *report)
{
	g_ptr_array_unref(report->names);
	g_array_unref(report->auth_results);
	g_array_unref(report->auth_sets);
	g_array_unref(report->reasons);
	g_array_unref(report->reason_sets);
}

static gboolean
is_own(gpointer cookie, const char *domain)
{
	(void)cookie;
	return g_str_equal(domain, "own.example") || g_str_has_suffix(domain, ".own.example");
}

static gboolean
has_passed(gpointer cookie, const char *domain, const char *selector)
{
	return is_own(cookie, domain) && g_str_equal(selector, "s1");
}

static gboolean
is_service(gpointer cookie, const char *domain)
{
	(void)cookie;
	return g_str_has_suffix(domain, "esp.example");
}

static const struct row_context own_context = {
	.is_own = is_own,
	.has_passed = has_passed,
	.is_service = is_service,
};

static void
counts_a_record_where_it_belongs(void **state)
{
	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		const struct row *row = &rows[i];
		struct report report = make_report(row);
		struct record record = { .count = 1,
					 .auth_set = 1,
					 .reason_set = 1,
					 .dkim = row->dkim,
					 .spf = row->spf };
		struct row_context context = own_context;
		context.is_service_address = row->is_service_address;
		guint32 marks = row_facts(&report, &record, &context);
		clear_report(&report);
		if (marks != row->marks)
			fail_msg("%s: want marks %x, got %x", row->what, row->marks, marks);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_a_record_where_it_belongs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
