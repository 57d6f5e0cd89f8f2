/* SPDX-License-Identifier: MIT */
#include "tests/support/policy_truth.h"

#include <string.h>

#define RECORDS_MAX 5
#define RESULTS_MAX 4

#define DOMAIN TRUTH_DOMAIN

static const char *const from_domains[] = {
	"", DOMAIN, DOMAIN, DOMAIN, "news.own.example", "ghost.own.example", "a.news.own.example",
};
static const char *const auth_domains[] = {
	"",
	DOMAIN,
	DOMAIN,
	"news.own.example",
	"a.news.own.example",
	"ghost.own.example",
	"esp.example",
	"notown.example",
};
static const char *const results[] = { "pass", "pass", "pass", "fail", "softfail", "none" };
static const char *const scopes[] = { "mfrom", "mfrom", "", "helo", "other" };

static const char *const actions[] = { "none", "quarantine", "reject" };

/* Reports at random */

static const char *
pick(GRand *rand, const char *const *words, gsize n)
{
	return words[g_rand_int_range(rand, 0, (gint32)n)];
}
#define PICK(rand, words) pick(rand, words, G_N_ELEMENTS(words))

static guint32
intern(GPtrArray *names, const char *name)
{
	union {
		const char *in;
		gpointer out;
	} text = { .in = name };

	for (guint i = 0; i < names->len; i++)
		if (g_str_equal(g_ptr_array_index(names, i), name))
			return i;
	g_ptr_array_add(names, text.out);
	return names->len - 1;
}

static void
append_record(struct report *report, GRand *rand)
{
	struct run run = { report->auth_results->len,
			   (guint32)g_rand_int_range(rand, 0, RESULTS_MAX + 1) };
	struct record record = {
		.count = g_rand_int_range(rand, 1, 1000),
		.header_from = intern(report->names, PICK(rand, from_domains)),
		.auth_set = report->auth_sets->len,
		.dkim = (guint8)g_rand_int_range(rand, 0, N_ALIGNED),
		.spf = (guint8)g_rand_int_range(rand, 0, N_ALIGNED),
	};

	for (guint i = 0; i < run.n; i++) {
		struct auth_result result = {
			.kind = g_rand_boolean(rand) ? AUTH_DKIM : AUTH_SPF,
			.domain = intern(report->names, PICK(rand, auth_domains)),
			.result = intern(report->names, PICK(rand, results)),
		};
		if (result.kind == AUTH_SPF)
			result.scope = intern(report->names, PICK(rand, scopes));
		g_array_append_val(report->auth_results, result);
	}
	g_array_append_val(report->auth_sets, run);
	g_array_append_val(report->records, record);
}

void
truth_clear_report(struct report *report)
{
	g_ptr_array_unref(report->names);
	g_array_unref(report->records);
	g_array_unref(report->auth_results);
	g_array_unref(report->auth_sets);
}

struct report
truth_make_report(GRand *rand)
{
	struct report report = {
		.policy.domain = DOMAIN,
		.names = g_ptr_array_new(),
		.records = g_array_new(FALSE, FALSE, sizeof(struct record)),
		.auth_results = g_array_new(FALSE, FALSE, sizeof(struct auth_result)),
		.auth_sets = g_array_new(FALSE, TRUE, sizeof(struct run)),
	};

	intern(report.names, "");
	g_array_set_size(report.auth_sets, 1);
	for (gint32 n = g_rand_int_range(rand, 1, RECORDS_MAX + 1); n > 0; n--)
		append_record(&report, rand);
	return report;
}

/* The other way of reckoning: from records, in words */

static const char *
last_two_labels(const char *domain)
{
	const char *dot = strrchr(domain, '.');

	while (dot && dot > domain && dot[-1] != '.')
		dot--;
	return dot ? dot : domain;
}

gboolean
truth_is_same_org(const char *a, const char *b)
{
	return strcmp(last_two_labels(a), last_two_labels(b)) == 0;
}

static void
note_result(struct truth *truth, guint mechanism, const char *domain, const char *from)
{
	if (strcmp(domain, from) == 0)
		truth->strict[mechanism] = TRUE;
	if (truth_is_same_org(domain, from))
		truth->relaxed[mechanism] = TRUE;
}

/* How many results of MAIL FROM there are, or of HELO, which stands in where there is none. */
static guint
look_at_spf(const struct report *report, const struct record *record, gboolean for_helo,
	    const char *from, struct truth *truth)
{
	const struct run *run = &g_array_index(report->auth_sets, struct run, record->auth_set);
	guint n = 0;

	for (guint i = 0; i < run->n; i++) {
		const struct auth_result *r =
			&g_array_index(report->auth_results, struct auth_result, run->first + i);
		const char *scope = g_ptr_array_index(report->names, r->scope);
		const char *domain = g_ptr_array_index(report->names, r->domain);
		gboolean is_helo = strcmp(scope, "helo") == 0;
		gboolean is_mfrom = strcmp(scope, "mfrom") == 0 || strlen(scope) == 0;
		if (r->kind != AUTH_SPF || strlen(domain) == 0)
			continue;
		if (for_helo ? !is_helo : !is_mfrom)
			continue;
		n++;
		if (strcmp(g_ptr_array_index(report->names, r->result), "pass") == 0)
			note_result(truth, 1, domain, from);
	}
	return n;
}

struct truth
truth_read_record(const struct report *report, const struct record *record)
{
	const struct run *run = &g_array_index(report->auth_sets, struct run, record->auth_set);
	const char *from = g_ptr_array_index(report->names, record->header_from);
	struct truth truth = {
		.messages = record->count,
		.sender = (guint)(record->count % TRUTH_SENDERS),
		.reported = { record->dkim == ALIGNED_PASS, record->spf == ALIGNED_PASS },
	};

	if (strlen(from) == 0)
		from = DOMAIN;
	truth.is_sub = strcmp(from, DOMAIN) != 0;
	truth.is_ghost = strncmp(from, "ghost.", 6) == 0;
	for (guint i = 0; i < run->n; i++) {
		const struct auth_result *r =
			&g_array_index(report->auth_results, struct auth_result, run->first + i);
		if (r->kind == AUTH_DKIM && r->domain != 0 &&
		    strcmp(g_ptr_array_index(report->names, r->result), "pass") == 0)
			note_result(&truth, 0, g_ptr_array_index(report->names, r->domain), from);
	}
	if (look_at_spf(report, record, FALSE, from, &truth) == 0)
		look_at_spf(report, record, TRUE, from, &truth);
	return truth;
}

static gboolean
is_same_kind(const struct truth *a, const struct truth *b)
{
	return a->is_sub == b->is_sub && a->is_ghost == b->is_ghost &&
	       memcmp(a->reported, b->reported, sizeof(a->reported)) == 0 &&
	       memcmp(a->relaxed, b->relaxed, sizeof(a->relaxed)) == 0 &&
	       memcmp(a->strict, b->strict, sizeof(a->strict)) == 0;
}

GArray *
truth_sum_kinds(const GArray *truths)
{
	GArray *kinds = g_array_new(FALSE, FALSE, sizeof(struct truth));

	for (guint i = 0; i < truths->len; i++) {
		const struct truth *truth = &g_array_index(truths, struct truth, i);
		guint k = 0;
		while (k < kinds->len &&
		       !is_same_kind(truth, &g_array_index(kinds, struct truth, k)))
			k++;
		if (k == kinds->len)
			g_array_append_vals(kinds, truth, 1);
		else
			g_array_index(kinds, struct truth, k).messages += truth->messages;
	}
	return kinds;
}

/* Every policy there is */

struct simulate_policy
truth_policy(guint number)
{
	static const char *const modes[] = { "r", "s" };
	static const char *const tests_on[] = { "n", "y" };
	static const char *const subs[] = { "none", "quarantine", "reject", "" };

	return (struct simulate_policy){
		.p = actions[number % 3],
		.sp = subs[number / 3 % 4],
		.np = subs[number / 12 % 4],
		.adkim = modes[number / 48 % 2],
		.aspf = modes[number / 96 % 2],
		.t = tests_on[number / 192 % 2],
	};
}

struct simulate_policy
truth_publish(struct simulate_policy hypothesis, const struct simulate_policy *published)
{
	if (strcmp(hypothesis.sp, "") == 0)
		hypothesis.sp = published->sp;
	if (strcmp(hypothesis.np, "") == 0)
		hypothesis.np = published->np;
	return hypothesis;
}

struct asked
truth_read_policy(const struct simulate_policy *policy)
{
	const char *words[3] = { policy->p, policy->sp, policy->np };
	struct asked asked = { .is_strict = { strcmp(policy->adkim, "s") == 0,
					      strcmp(policy->aspf, "s") == 0 } };

	for (int i = 0; i < 3; i++) {
		asked.action[i] = i > 0 ? asked.action[i - 1] : 0;
		for (int action = 0; action < 3; action++)
			if (strcmp(words[i], actions[action]) == 0)
				asked.action[i] = action;
	}
	for (int i = 0; i < 3; i++)
		if (strcmp(policy->t, "y") == 0 && asked.action[i] > 0)
			asked.action[i]--;
	return asked;
}

gboolean
truth_passes(const struct truth *truth, const struct asked *before, const struct asked *now)
{
	for (int m = 0; m < 2; m++) {
		if (before->is_strict[m] == now->is_strict[m] && truth->reported[m])
			return TRUE;
		if (!before->is_strict[m] && now->is_strict[m] && truth->reported[m] &&
		    truth->strict[m])
			return TRUE;
		if (before->is_strict[m] && !now->is_strict[m] &&
		    (truth->reported[m] || truth->relaxed[m]))
			return TRUE;
	}
	return FALSE;
}

int
truth_treat(const struct truth *truth, gboolean passes, const struct asked *asked,
	    gboolean is_missing)
{
	if (passes)
		return 0;
	return asked->action[!truth->is_sub ? 0 : is_missing ? 2 : 1];
}

static int
kind_of_change(int before, int after)
{
	if (before == after)
		return 0;
	if (before == 0)
		return 1; /* lost */
	if (after == 0)
		return 2; /* safe */
	return after > before ? 3 : 4;
}

static void
note_outcome(struct simulate_outcome *outcome, gboolean passes, int treated, gint64 n)
{
	outcome->pass += passes ? n : 0;
	outcome->fail += passes ? 0 : n;
	outcome->delivered += treated == 0 ? n : 0;
	outcome->quarantined += treated == 1 ? n : 0;
	outcome->rejected += treated == 2 ? n : 0;
}

struct simulation
truth_reckon(const GArray *truths, const struct asked *before, const struct asked *now,
	     gboolean ask_dns)
{
	struct simulation sum = { 0 };

	for (guint i = 0; i < truths->len; i++) {
		const struct truth *truth = &g_array_index(truths, struct truth, i);
		gint64 n = truth->messages;
		gboolean passed = truth_passes(truth, before, before);
		gboolean passes = truth_passes(truth, before, now);
		gboolean is_missing = ask_dns && truth->is_ghost;
		int was = truth_treat(truth, passed, before, is_missing);
		int is = truth_treat(truth, passes, now, is_missing);
		int change = kind_of_change(was, is);
		note_outcome(&sum.published, passed, was, n);
		note_outcome(&sum.what_if, passes, is, n);
		sum.newly_lost += change == 1 ? n : 0;
		sum.newly_safe += change == 2 ? n : 0;
		sum.harder += change == 3 ? n : 0;
		sum.softer += change == 4 ? n : 0;
		if (ask_dns)
			continue;
		int was_np = truth_treat(truth, passed, before, TRUE);
		int is_np = truth_treat(truth, passes, now, TRUE);
		sum.published.np_unknown += was != was_np ? n : 0;
		sum.what_if.np_unknown += is != is_np ? n : 0;
		sum.np_unknown += change != kind_of_change(was_np, is_np) ? n : 0;
	}
	return sum;
}
