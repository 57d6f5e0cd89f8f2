/* SPDX-License-Identifier: MIT */
/* Records as reporters write them, and how their messages are aligned. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/align.h"

#define RESULTS_MAX 4

struct said {
	enum auth_kind kind;
	const char *domain; /* NULL ends the list */
	const char *result;
	const char *scope;
};

struct row {
	const char *what;
	const char *from;
	struct said results[RESULTS_MAX];
	guint8 dkim;
	guint8 spf;
	guint32 bits;
};

#define DKIM(domain, result)                  \
	{                                     \
		AUTH_DKIM, domain, result, "" \
	}
#define SPF(domain, result, scope)              \
	{                                       \
		AUTH_SPF, domain, result, scope \
	}
#define DKIM_BOTH (ALIGNMENT_DKIM_STRICT | ALIGNMENT_DKIM_RELAXED)
#define SPF_BOTH  (ALIGNMENT_SPF_STRICT | ALIGNMENT_SPF_RELAXED)

/* The policy domain is own.example. */
static const struct row rows[] = {
	{ .what = "nothing at all", .from = "own.example", .bits = 0 },
	{ .what = "the receiver's word alone",
	  .from = "own.example",
	  .dkim = ALIGNED_PASS,
	  .spf = ALIGNED_PASS,
	  .bits = ALIGNMENT_DKIM_REPORTED | ALIGNMENT_SPF_REPORTED },
	{ .what = "a word that is missing or says fail is no pass",
	  .from = "own.example",
	  .dkim = ALIGNED_FAIL,
	  .spf = ALIGNED_MISSING,
	  .bits = 0 },
	{ .what = "a signature of the same name",
	  .from = "own.example",
	  .results = { DKIM("own.example", "pass") },
	  .dkim = ALIGNED_PASS,
	  .bits = ALIGNMENT_DKIM_REPORTED | DKIM_BOTH },
	{ .what = "a signature of a subdomain",
	  .from = "own.example",
	  .results = { DKIM("mail.own.example", "pass") },
	  .bits = ALIGNMENT_DKIM_RELAXED },
	{ .what = "a signature of the organisation for a subdomain",
	  .from = "news.own.example",
	  .results = { DKIM("own.example", "pass") },
	  .bits = ALIGNMENT_SUB | ALIGNMENT_DKIM_RELAXED },
	{ .what = "a subdomain that signs for itself",
	  .from = "news.own.example",
	  .results = { DKIM("news.own.example", "pass") },
	  .bits = ALIGNMENT_SUB | DKIM_BOTH },
	{ .what = "a signature that fails",
	  .from = "own.example",
	  .results = { DKIM("own.example", "fail") },
	  .bits = 0 },
	{ .what = "others may pass as they like",
	  .from = "own.example",
	  .results = { DKIM("esp.example", "pass"), SPF("esp.example", "pass", "mfrom") },
	  .bits = 0 },
	{ .what = "one of several signatures is enough, the best one counts",
	  .from = "own.example",
	  .results = { DKIM("esp.example", "pass"), DKIM("own.example", "pass"),
		       DKIM("mail.own.example", "pass"), DKIM("own.example", "fail") },
	  .bits = DKIM_BOTH },
	{ .what = "SPF by MAIL FROM",
	  .from = "own.example",
	  .results = { SPF("own.example", "pass", "mfrom") },
	  .bits = SPF_BOTH },
	{ .what = "SPF without a scope",
	  .from = "own.example",
	  .results = { SPF("bounce.own.example", "pass", "") },
	  .bits = ALIGNMENT_SPF_RELAXED },
	{ .what = "SPF softfail",
	  .from = "own.example",
	  .results = { SPF("own.example", "softfail", "mfrom") },
	  .bits = 0 },
	{ .what = "HELO does not help a MAIL FROM of others",
	  .from = "own.example",
	  .results = { SPF("own.example", "pass", "helo"), SPF("esp.example", "pass", "mfrom") },
	  .bits = 0 },
	{ .what = "HELO does not help a MAIL FROM that fails",
	  .from = "own.example",
	  .results = { SPF("own.example", "pass", "helo"), SPF("own.example", "fail", "") },
	  .bits = 0 },
	{ .what = "HELO for the null path",
	  .from = "own.example",
	  .results = { SPF("own.example", "pass", "helo") },
	  .bits = SPF_BOTH },
	{ .what = "HELO beside a MAIL FROM without a domain",
	  .from = "own.example",
	  .results = { SPF("", "none", "mfrom"), SPF("mx.own.example", "pass", "helo") },
	  .bits = ALIGNMENT_SPF_RELAXED },
	{ .what = "a scope nobody knows",
	  .from = "own.example",
	  .results = { SPF("own.example", "pass", "pra") },
	  .bits = 0 },
	{ .what = "a pass without a domain",
	  .from = "own.example",
	  .results = { SPF("", "pass", "mfrom"), DKIM("", "pass") },
	  .bits = 0 },
	{ .what = "no From domain is the policy domain",
	  .from = "",
	  .results = { DKIM("own.example", "pass") },
	  .bits = DKIM_BOTH },
	{ .what = "a From domain that only ends alike is not below",
	  .from = "notown.example",
	  .results = { DKIM("notown.example", "pass") },
	  .bits = DKIM_BOTH },
	{ .what = "a lone dot before the policy domain is no subdomain",
	  .from = ".own.example",
	  .bits = 0 },
};

static guint32
intern(GPtrArray *names, const char *name)
{
	union {
		const char *in;
		gpointer out;
	} text = { .in = name };

	g_ptr_array_add(names, text.out);
	return names->len - 1;
}

static gboolean
is_same_org(gpointer cookie, const char *a, const char *b)
{
	(void)cookie;
	assert_string_not_equal(a, b);
	return g_str_has_suffix(a, "own.example") && g_str_has_suffix(b, "own.example");
}

static guint32
align_row(const struct row *row, const char *policy_domain)
{
	static const struct align_context context = { .is_same_org = is_same_org };
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	g_autoptr(GArray) results = g_array_new(FALSE, FALSE, sizeof(struct auth_result));
	g_autoptr(GArray) sets = g_array_new(FALSE, FALSE, sizeof(struct run));
	struct report report = {
		.policy.domain = policy_domain,
		.names = names,
		.auth_results = results,
		.auth_sets = sets,
	};
	struct record record = { .auth_set = 1, .dkim = row->dkim, .spf = row->spf };
	struct run none = { 0 };
	struct run run = { 0 };

	intern(names, "");
	record.header_from = intern(names, row->from);
	for (; run.n < RESULTS_MAX && row->results[run.n].domain; run.n++) {
		const struct said *said = &row->results[run.n];
		struct auth_result result = {
			.kind = said->kind,
			.domain = intern(names, said->domain),
			.result = intern(names, said->result),
			.scope = intern(names, said->scope),
		};
		g_array_append_val(results, result);
	}
	g_array_append_val(sets, none);
	g_array_append_val(sets, run);
	return align_record(&report, &record, &context);
}

static void
tells_how_a_record_is_aligned(void **state)
{
	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		guint32 bits = align_row(&rows[i], "own.example");
		if (bits != rows[i].bits)
			fail_msg("%s: want bits %x, got %x", rows[i].what, rows[i].bits, bits);
	}
}

static void
nothing_is_aligned_with_no_domain(void **state)
{
	const struct row row = { .from = "", .results = { DKIM("", "pass") } };

	(void)state;
	assert_int_equal(align_row(&row, ""), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_how_a_record_is_aligned),
		cmocka_unit_test(nothing_is_aligned_with_no_domain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
