/* SPDX-License-Identifier: MIT */
#include "analysis/row_facts.h"

static const char *const neutral_types[] = {
	"", "sampled_out", "policy_test_mode", "local_policy", "other",
};

/* What the overrides of a record say together. */
struct overrides {
	gboolean is_forwarded;
	gboolean is_neutral; /* none says more than a neutral one; TRUE where there are none */
	guint n;
};

/* What the authentication results of a record say together. */
struct results {
	gboolean has_pass; /* of any domain */
	gboolean has_own_signature;
	gboolean has_broken_own; /* by a selector that is known */
	gboolean has_other_pass;
	gboolean has_service_pass;
	guint n_own;
	guint n_own_errors;
};

static gboolean
is_one_of(const char *word, const char *const *words, gsize n)
{
	for (gsize i = 0; i < n; i++)
		if (g_ascii_strcasecmp(word, words[i]) == 0)
			return TRUE;
	return FALSE;
}

static struct overrides
read_overrides(const struct report *report, const struct record *record)
{
	const struct run *run = &g_array_index(report->reason_sets, struct run, record->reason_set);
	struct overrides overrides = { .is_neutral = TRUE, .n = run->n };

	for (guint i = run->first; i < run->first + run->n; i++) {
		const struct reason *reason = &g_array_index(report->reasons, struct reason, i);
		const char *type = report_name(report, reason->type);
		gboolean is_forwarding =
			reason_is_forwarding(type, report_name(report, reason->comment));
		overrides.is_forwarded |= is_forwarding;
		overrides.is_neutral &= !is_forwarding &&
					is_one_of(type, neutral_types, G_N_ELEMENTS(neutral_types));
	}
	return overrides;
}

static void
read_own(struct results *results, const struct auth_result *result, const struct report *report,
	 const struct row_context *context)
{
	static const char *const errors[] = { "temperror", "permerror" };
	const char *word = report_name(report, result->result);
	gboolean is_error = is_one_of(word, errors, G_N_ELEMENTS(errors));

	results->n_own++;
	if (is_error)
		results->n_own_errors++;
	if (result->kind != AUTH_DKIM)
		return;
	results->has_own_signature = TRUE;
	if (!is_error && g_ascii_strcasecmp(word, "pass") != 0 &&
	    context->has_passed(context->cookie, report_name(report, result->domain),
				report_name(report, result->selector)))
		results->has_broken_own = TRUE;
}

static void
read_result(struct results *results, const struct auth_result *result, const struct report *report,
	    const struct row_context *context)
{
	const char *domain = report_name(report, result->domain);
	const char *word = report_name(report, result->result);
	gboolean is_pass = g_ascii_strcasecmp(word, "pass") == 0;

	results->has_pass |= is_pass;
	if (result->kind == AUTH_DKIM && g_ascii_strcasecmp(word, "none") == 0)
		return;
	if (*domain && context->is_own(context->cookie, domain)) {
		read_own(results, result, report, context);
	} else if (is_pass) {
		results->has_other_pass = TRUE;
		results->has_service_pass |=
			*domain && context->is_service(context->cookie, domain);
	}
}

static guint32
mark_if(gboolean condition, enum row_mark mark)
{
	return condition ? (guint32)mark : 0;
}

guint32
row_facts(const struct report *report, const struct record *record,
	  const struct row_context *context)
{
	const struct run *run = &g_array_index(report->auth_sets, struct run, record->auth_set);
	struct results results = { 0 };

	if (record_is_pass(record))
		return 0;
	for (guint i = run->first; i < run->first + run->n; i++)
		read_result(&results, &g_array_index(report->auth_results, struct auth_result, i),
			    report, context);
	struct overrides overrides = read_overrides(report, record);
	gboolean is_bare = !results.has_pass && !results.has_own_signature && overrides.is_neutral;
	/* Whoever sends, SPF ends in the same error: only a signature tells that it was one of
	 * yours. */
	gboolean is_error = results.has_own_signature && results.n_own == results.n_own_errors;
	return mark_if(overrides.is_forwarded, ROW_FORWARDED) |
	       mark_if(overrides.n > 0 && overrides.is_neutral, ROW_NEUTRAL) |
	       mark_if(is_bare, ROW_BARE) | mark_if(results.has_broken_own, ROW_OWNSIG) |
	       mark_if(!results.has_own_signature, ROW_NOOWN) |
	       mark_if(results.has_other_pass, ROW_ORGMTA) |
	       mark_if(results.has_service_pass || context->is_service_address, ROW_ESP) |
	       mark_if(is_error, ROW_TMP);
}
