/* SPDX-License-Identifier: MIT */
#include "web/tree.h"

#include "analysis/judge.h"
#include "core/ip.h"
#include "core/report.h"
#include "store/query_groups.h"
#include "web/figures.h"
#include "web/words.h"

#define RUN_MAX 40 /* characters that a cell may be wide */

void
tree_text(json_t *object, const char *name, const char *text)
{
	json_object_set_new(object, name, text && *text ? json_string(text) : json_null());
}

void
tree_take(json_t *object, const char *name, char *text)
{
	tree_text(object, name, text);
	g_free(text);
}

void
tree_long(json_t *object, const char *text)
{
	gsize run = 0;

	for (const char *p = text ? text : ""; *p && run <= RUN_MAX; p = g_utf8_next_char(p))
		run = *p == ' ' || *p == '-' ? 0 : run + 1;
	if (run > RUN_MAX)
		tree_flag(object, "_any", TRUE);
}

char *
tree_address(const char *path, const char *tail)
{
	g_autofree char *escaped = g_uri_escape_string(tail, ":", FALSE);

	return g_strconcat(path, escaped, NULL);
}

void
tree_count(json_t *object, const char *name, gint64 n)
{
	json_object_set_new(object, name, json_integer(n));
}

void
tree_flag(json_t *object, const char *name, gboolean is_so)
{
	json_object_set_new(object, name, json_boolean(is_so));
}

void
tree_day(json_t *object, const char *name, gint64 day)
{
	tree_take(object, name, figures_day(day));
}

void
tree_instant(json_t *object, const char *name, gint64 at)
{
	tree_take(object, name, at ? figures_instant(at) : NULL);
}

void
tree_list(json_t *object, const char *name, const char *joined)
{
	json_t *list = json_array();
	g_auto(GStrv) parts = g_strsplit(joined ? joined : "", ";", -1);

	for (gsize i = 0; parts[i]; i++) {
		const char *part = g_strstrip(parts[i]);
		if (*part)
			json_array_append_new(list, json_string(part));
	}
	json_object_set_new(object, name, list);
}

void
tree_totals(json_t *object, const struct totals *totals)
{
	tree_count(object, "messages", totals->messages);
	tree_count(object, "pass", totals->pass);
	tree_count(object, "fail", totals_fail(totals));
	tree_count(object, "dkim_pass", totals->dkim_pass);
	tree_count(object, "spf_pass", totals->spf_pass);
	tree_count(object, "quarantined", totals->quarantined);
	tree_count(object, "rejected", totals->rejected);
	tree_count(object, "delivered", totals_delivered(totals));
	tree_count(object, "_stopped", count_add(totals->quarantined, totals->rejected));
	tree_take(object, "_pass", figures_share(totals->pass, totals->messages));
	tree_take(object, "_spf", figures_share(totals->spf_pass, totals->messages));
	tree_take(object, "_dkim", figures_share(totals->dkim_pass, totals->messages));
}

const char *tree_class_name(enum class class)
{
	g_autofree char *key = g_strconcat("class.", class_name(class), NULL);

	return words_get(key);
}

void
tree_class(json_t *object, enum class class)
{
	tree_text(object, "class", class == CLASS_NONE ? NULL : class_name(class));
	tree_text(object, "_class", class_name(class));
	tree_text(object, "_class_name", tree_class_name(class));
}

static const struct {
	const char *word; /* of the RFCs */
	const char *key;  /* of the table of words */
} dispositions[N_DISPOSITIONS] = {
	[DISPOSITION_MISSING] = { NULL, "did.missing" },
	[DISPOSITION_NONE] = { "none", "did.none" },
	[DISPOSITION_PASS] = { "pass", "did.none" },
	[DISPOSITION_QUARANTINE] = { "quarantine", "did.quarantine" },
	[DISPOSITION_REJECT] = { "reject", "did.reject" },
	[DISPOSITION_OTHER] = { "other", "did.other" },
};

void
tree_disposition(json_t *object, enum disposition disposition, const char *name)
{
	const char *word = dispositions[disposition].word;
	gboolean is_named = disposition == DISPOSITION_OTHER && name && *name;

	tree_text(object, "disposition", is_named ? name : word);
	tree_text(object, "_did", is_named ? name : words_get(dispositions[disposition].key));
}

void
tree_aligned(json_t *object, const char *name, enum aligned aligned)
{
	tree_text(object, name,
		  aligned == ALIGNED_PASS   ? "pass"
		  : aligned == ALIGNED_FAIL ? "fail"
					    : NULL);
}

void
tree_seen(json_t *object, gint64 first_day, gint64 last_day, gint64 near)
{
	tree_day(object, "first_seen", first_day);
	tree_day(object, "last_seen", last_day);
	tree_take(object, "_first_seen", figures_short_day(first_day, near));
	tree_take(object, "_last_seen", figures_short_day(last_day, near));
}

void
tree_rule(json_t *object, enum class class, guint8 rule)
{
	json_object_set_new(object, "rule",
			    class == CLASS_NONE ? json_null()
						: json_sprintf("R%u", (unsigned)rule));
}

void
tree_score(json_t *object, const struct verdict *verdict)
{
	gboolean has_score = verdict->unruled_rule >= RULE_UNAUTHORIZED;

	json_object_set_new(object, "score",
			    has_score ? json_integer(verdict->score) : json_null());
	json_object_set_new(object, "user_rule",
			    verdict->user_rule ? json_integer(verdict->user_rule) : json_null());
	tree_flag(object, "ignored", verdict->is_ignored);
}

void
tree_group(json_t *object, const struct query_group *group)
{
	tree_class(object, group->class);
	tree_count(object, "addresses", group->addresses);
	tree_totals(object, &group->totals);
}

char *
tree_place_line(const struct source_place *place)
{
	g_autofree char *asn = place->asn ? g_strdup_printf("AS%u", place->asn) : NULL;
	const char *const parts[] = { asn ? asn : "", place->as_name, place->country };
	GString *line = g_string_new(NULL);

	for (gsize i = 0; i < G_N_ELEMENTS(parts); i++)
		if (*parts[i])
			g_string_append_printf(line, "%s%s", line->len > 0 ? ", " : "", parts[i]);
	return g_string_free(line, FALSE);
}

void
tree_place(json_t *object, const struct source_place *place)
{
	json_object_set_new(object, "asn", place->asn ? json_integer(place->asn) : json_null());
	tree_text(object, "as_name", place->as_name);
	tree_text(object, "country", place->country);
}

json_t *
tree_source(const struct query_source *source, gint64 near)
{
	json_t *row = json_object();
	char text[IP_TEXT_LEN];

	tree_text(row, "source_ip", ip_format(&source->ip, text));
	tree_text(row, "domain", source->domain);
	tree_long(row, source->domain);
	tree_class(row, source->class);
	tree_rule(row, source->class, source->rule);
	tree_score(row, &source->verdict);
	tree_text(row, "sender", source->sender);
	tree_place(row, &source->place);
	tree_totals(row, &source->totals);
	tree_count(row, "reporters", source->reporters);
	tree_seen(row, source->first_day, source->last_day, near);
	return row;
}

struct totals
tree_own(const struct totals *by_class)
{
	struct totals own = by_class[CLASS_AUTHORIZED];

	totals_add(&own, &by_class[CLASS_FIX]);
	return own;
}

static const struct {
	enum class class;
	const char *name;
} source_counts[] = {
	{ CLASS_AUTHORIZED, "sources_authorized" },     { CLASS_FIX, "sources_fix" },
	{ CLASS_FORWARDER, "sources_forwarder" },       { CLASS_REVIEW, "sources_review" },
	{ CLASS_UNAUTHORIZED, "sources_unauthorized" }, { CLASS_IGNORED, "sources_ignored" },
};

json_t *
tree_domain(const struct query_domain *domain)
{
	json_t *row = json_object();
	struct totals own = tree_own(domain->by_class);

	tree_text(row, "domain", domain->domain);
	tree_long(row, domain->domain);
	tree_take(row, "_href", tree_address("/domains/", domain->domain));
	tree_text(row, "policy", domain->policy);
	tree_instant(row, "policy_seen", domain->policy_seen_at);
	tree_totals(row, &domain->totals);
	tree_count(row, "own_messages", own.messages);
	tree_count(row, "own_pass", own.pass);
	tree_take(row, "_own", figures_share(own.pass, own.messages));
	for (gsize i = 0; i < G_N_ELEMENTS(source_counts); i++)
		tree_count(row, source_counts[i].name, domain->sources[source_counts[i].class]);
	tree_count(row, "reports", domain->reports);
	json_object_set_new(row, "last_day", json_null());
	if (domain->reports > 0)
		tree_day(row, "last_day", domain->last_day);
	return row;
}

void
tree_report(json_t *object, const struct query_report *report)
{
	tree_count(object, "id", report->id);
	tree_day(object, "day", report->day);
	tree_text(object, "reporter", report->reporter);
	tree_text(object, "org_name", report->org_name);
	tree_text(object, "org_email", report->org_email);
	tree_text(object, "report_id", report->report_id);
	tree_text(object, "domain", report->domain);
	tree_long(object, report->domain);
	tree_long(object, report->reporter);
	tree_instant(object, "begin", report->begin_at);
	tree_instant(object, "end", report->end_at);
	tree_instant(object, "received", report->received_at);
	json_object_set_new(object, "revision_of",
			    report->revision_of ? json_integer(report->revision_of) : json_null());
	tree_count(object, "warnings", report->warnings);
	tree_totals(object, &report->totals);
}
