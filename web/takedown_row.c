/* SPDX-License-Identifier: MIT */
#include "web/takedown_row.h"

#include "core/ip.h"
#include "store/query_takedown.h"
#include "web/figures.h"
#include "web/guard_marks.h"
#include "web/say.h"
#include "web/tree.h"
#include "web/why.h"
#include "web/words.h"

#define DAY_S 86400

/* A spoofer of fifty domains is one line like others. */
#define DOMAINS_SHOWN 6

/* "none=3;reject=5": what receivers did, without what none of them did. */
static char *
dispositions(const struct totals *totals)
{
	const struct {
		const char *word;
		gint64 n;
	} parts[] = {
		{ "none", totals_delivered(totals) },
		{ "quarantine", totals->quarantined },
		{ "reject", totals->rejected },
	};
	GString *text = g_string_new(NULL);

	for (gsize i = 0; i < G_N_ELEMENTS(parts); i++)
		if (parts[i].n > 0)
			g_string_append_printf(text, "%s%s=%" G_GINT64_FORMAT,
					       text->len > 0 ? ";" : "", parts[i].word, parts[i].n);
	return g_string_free(text, FALSE);
}

/* "a.example;b.example" as people write it; a page names the first few. */
static char *
listed(const char *joined)
{
	g_auto(GStrv) parts = g_strsplit(joined, ";", -1);
	guint n = g_strv_length(parts);

	if (n <= DOMAINS_SHOWN)
		return g_strjoinv(", ", parts);
	g_clear_pointer(&parts[DOMAINS_SHOWN], g_free);
	g_autofree char *some = g_strjoinv(", ", parts);
	for (guint i = DOMAINS_SHOWN + 1; i < n; i++)
		g_clear_pointer(&parts[i], g_free);
	return say_text("takedown.domains", word_count("n", n - DOMAINS_SHOWN),
			word_text("some", some));
}

static const struct suspect_source *
worst_of(const struct query_takedown *row)
{
	return &g_array_index(row->sources, struct suspect_source, row->worst);
}

/* --- Why: that of the source with the highest score --- */

static char *
why(const struct page *page, const struct query_takedown *row)
{
	const struct suspect_source *worst = worst_of(row);
	const struct weights *weights = &page->context->weights;
	const struct query_source source = {
		.ip = row->ip,
		.domain = row->worst_domain,
		.class = worst->verdict.class,
		.rule = worst->verdict.rule,
		.verdict = worst->verdict,
	};
	struct explained explained;

	why_judge(&explained, &source, &worst->facts, weights);
	const struct why because = why_because(&explained.facts, &explained.judgement, weights);
	return why_text(&explained, &because, WHY_LINES_MAX);
}

/* --- Members --- */

static void
fill_evidence(json_t *object, const struct query_takedown *row)
{
	tree_list(object, "subdomains", row->header_froms);
	tree_list(object, "reporters", row->reporters);
	tree_list(object, "spf_results", row->spf_results);
	tree_list(object, "spf_domains", row->spf_domains);
	tree_list(object, "dkim_results", row->dkim_results);
	tree_list(object, "dkim_domains", row->dkim_domains);
	tree_list(object, "envelope_from_domains", row->envelope_froms);
	tree_list(object, "override_reasons", row->override_reasons);
	tree_list(object, "report_ids", row->report_ids);
}

/* The score says nothing where a rule decided that asks for none. */
static void
fill_verdict(json_t *object, const struct verdict *verdict)
{
	tree_class(object, verdict->class);
	tree_take(object, "rule", g_strdup_printf("R%u", verdict->rule));
	if (verdict->unruled_rule == RULE_UNAUTHORIZED || verdict->unruled_rule == RULE_REVIEW)
		tree_count(object, "score", verdict->score);
}

static const char *
rdns_text(enum rdns_state state)
{
	return state == RDNS_UNKNOWN ? NULL : state == RDNS_CONFIRMED ? "yes" : "no";
}

/* What was looked up; unknown stays null. */
static void
fill_facts(json_t *object, const struct facts *facts)
{
	if (facts->dnsbl_spam != FACT_N_UNKNOWN)
		tree_count(object, "dnsbl_spam", facts->dnsbl_spam);
	if (facts->on_policy_list != FACT_UNKNOWN)
		tree_text(object, "dnsbl_policy", facts->on_policy_list == FACT_YES ? "yes" : "no");
	tree_text(object, "rdns_confirmed", rdns_text(facts->rdns));
}

static void
fill_guards(const struct page *page, json_t *object, const struct query_takedown *row)
{
	const struct suspect suspect = {
		.reach = row->reach,
		.sources = (gconstpointer)row->sources->data,
		.n_sources = row->sources->len,
	};
	const struct guard_states states =
		guards_check(&suspect, row->worst, page->context->allow_documentation);
	g_autofree char *failed = guard_marks_failed(&states);

	tree_text(object, "status", *failed ? NULL : "candidate");
	tree_list(object, "guards_failed", failed);
	tree_take(object, "_checks", guard_marks_line(&states));
}

json_t *
takedown_row(const struct page *page, const struct filter *filter, const char *const *columns,
	     const struct query_takedown *row)
{
	json_t *object = json_object();
	char text[IP_TEXT_LEN];

	for (const char *const *column = columns; *column; column++)
		json_object_set_new(object, *column, json_null());
	tree_text(object, "source_ip", ip_format(&row->ip, text));
	tree_count(object, "ip_version", ip_is_v4(&row->ip) ? 4 : 6);
	tree_place(object, &row->place);
	tree_text(object, "rdns", row->rdns);
	tree_text(object, "domain", row->domains);
	fill_verdict(object, &worst_of(row)->verdict);
	/* The list has no place for it. */
	if (page->face != PAGE_HTML)
		tree_take(object, "why", why(page, row));
	tree_totals(object, &row->totals);
	tree_seen(object, row->first_day, row->last_day, filter->bounds.last_day);
	/* Reports count by UTC days: the first one's beginning, the last one's end. */
	tree_take(object, "first_seen_utc", figures_instant(row->first_day * DAY_S));
	tree_take(object, "last_seen_utc", figures_instant(row->last_day * DAY_S + DAY_S - 1));
	tree_count(object, "days_active", row->days_active);
	tree_count(object, "reporters_count", row->reporters_count);
	tree_count(object, "reporters_authenticated", row->reporters_counted);
	tree_take(object, "dispositions", dispositions(&row->totals));
	tree_count(object, "delivered_estimate", totals_delivered(&row->totals));
	tree_count(object, "ruf_samples", row->ruf_samples);
	fill_facts(object, &worst_of(row)->facts);
	fill_evidence(object, row);
	fill_guards(page, object, row);
	tree_take(object, "_href", tree_address("/sources/", text));
	tree_take(object, "_domains", listed(row->domains));
	tree_long(object, json_string_value(json_object_get(object, "_domains")));
	return object;
}

/* --- The checks of one address --- */

static json_t *
checks_of(const struct page *page, const struct suspect *suspect, gsize source, const char *domain)
{
	gboolean allow = page->context->allow_documentation;
	const struct guard_states states = guards_check(suspect, source, allow);
	g_autofree char *failed = guard_marks_failed(&states);
	json_t *row = json_object();

	tree_text(row, "domain", domain);
	tree_flag(row, "is_listed", *failed == '\0');
	json_object_set_new(row, "guards", guard_marks_tree(&states));
	tree_take(row, "_line", guard_marks_line(&states));
	tree_text(row, "_verdict",
		  words_get(*failed ? "takedown.checks_fail" : "takedown.checks_hold"));
	return row;
}

gboolean
takedown_add_checks(struct page *page, const struct scope *scope, const struct ip *ip,
		    GError **error)
{
	GError *question_error = NULL;
	g_autoptr(query_suspect_auto) found = query_suspect(page->view, ip, &question_error);

	if (question_error) {
		g_propagate_error(error, question_error);
		return FALSE;
	}
	if (!found)
		return TRUE;
	json_t *list = json_array();
	const struct suspect suspect = {
		.reach = found->reach,
		.sources = (gconstpointer)found->sources->data,
		.n_sources = found->sources->len,
	};
	for (guint i = 0; i < found->sources->len; i++) {
		const char *domain = g_ptr_array_index(found->domains, i);
		if (!scope->domain || g_ascii_strcasecmp(scope->domain, domain) == 0)
			json_array_append_new(list, checks_of(page, &suspect, i, domain));
	}
	/* In full once, and a line for each of the others. */
	if (json_array_size(list) > 0)
		tree_flag(json_array_get(list, 0), "_is_first", TRUE);
	json_object_set_new(page->root, "takedown_checks", list);
	return TRUE;
}
