/* SPDX-License-Identifier: MIT */
#include "web/why.h"

#include "web/say.h"

/* Rule numbers of analysis/classify.h, which the web floor may not include. */
enum rule {
	RULE_PASSES = 1,
	RULE_OWN_SPF = 2,
	RULE_OWN_SIGNATURE = 5,
	RULE_FORWARDED = 6,
	RULE_UNEXPLAINED = 8,
	RULE_OTHER = 9,
};

static const char *
review_key(const struct totals *totals)
{
	if (totals->pass > totals->explained)
		return "why.some_pass";
	if (totals->explained > 0)
		return "why.explained";
	if (totals->forwarded > 0)
		return "why.some_forwarded";
	return "why.elsewhere";
}

static const char *
rule_key(const struct query_source *source)
{
	switch (source->rule) {
	case RULE_PASSES:
		return totals_fail(&source->totals) > 0 ? "why.mostly_passes" : "why.passes";
	case RULE_OWN_SPF:
		return source->totals.spf_pass > 0 ? "why.own_spf" : "why.own_spf_before";
	case RULE_OWN_SIGNATURE:
		return "why.own_signature";
	case RULE_FORWARDED:
		return "why.forwarded";
	case RULE_UNEXPLAINED:
		return "why.unexplained";
	case RULE_OTHER:
		return review_key(&source->totals);
	default:
		return "why.not_judged";
	}
}

char *
why_text(const struct query_source *source)
{
	const struct totals *totals = &source->totals;
	g_autofree char *reporters =
		say_text("count.reporters", word_count("n", source->reporters));

	if (totals->messages == 0)
		return say_text("why.quiet", word_text("domain", source->domain),
				word_day("day", source->last_day));
	return say_text(rule_key(source), word_count("n", totals->messages),
			word_text("domain", source->domain), word_text("reporters", reporters),
			word_count("pass", totals->pass), word_count("fail", totals_fail(totals)),
			word_count("spf", totals->spf_pass), word_count("dkim", totals->dkim_pass),
			word_count("forwarded", totals->forwarded),
			word_count("explained", totals->explained),
			word_share("share", totals->pass, totals->messages));
}

char *
why_heading(const struct query_source *source)
{
	char text[IP_TEXT_LEN];
	g_autofree char *key = g_strconcat("source.heading_", class_name(source->class), NULL);

	return say_text(key, word_text("ip", ip_format(&source->ip, text)),
			word_text("domain", source->domain));
}
