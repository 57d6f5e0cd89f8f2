/* SPDX-License-Identifier: MIT */
#include <jansson.h>
#include <stdio.h>
#include <sysexits.h>

#include "app/command.h"
#include "core/error.h"
#include "store/query.h"

/* Mails of each kind, as they are called in JSON and in text. */
static const struct {
	const char *name;
	const char *label;
	enum document_kind kind;
} document_rows[] = {
	{ "failures", "failures", DOCUMENT_FAILURE },
	{ "complaints", "complaints", DOCUMENT_COMPLAINT },
	{ "bounces", "bounces", DOCUMENT_BOUNCE },
	{ "tls_reports", "TLS reports", DOCUMENT_TLS },
};

static json_t *
json_of_domain(const struct query_stats_domain *domain)
{
	return json_pack("{s:I,s:I,s:I,s:I,s:I}", "reports", (json_int_t)domain->reports, "records",
			 (json_int_t)domain->totals.records, "messages",
			 (json_int_t)domain->totals.messages, "pass",
			 (json_int_t)domain->totals.pass, "fail",
			 (json_int_t)totals_fail(&domain->totals));
}

/* Every mail has one outcome, so these add up to mails; none waits while nobody reads. */
static json_t *
json_of_arrivals(const struct query_stats *stats)
{
	json_t *arrivals = json_object();

	for (enum outcome o = OUTCOME_STORED; o < N_OUTCOMES; o++)
		json_object_set_new(arrivals, outcome_name(o), json_integer(stats->arrivals[o]));
	return arrivals;
}

static void
add_arrivals(json_t *root, const struct query_stats *stats)
{
	/* Plural and short forms as they stand on pages and in the manual. */
	static const struct {
		const char *name;
		enum outcome outcome;
	} rows[] = {
		{ "duplicates", OUTCOME_DUPLICATE },
		{ "quarantined", OUTCOME_QUARANTINED },
		{ "ignored", OUTCOME_IGNORED },
	};

	gint64 mails = 0;
	for (enum outcome o = OUTCOME_STORED; o < N_OUTCOMES; o++)
		mails = count_add(mails, stats->arrivals[o]);
	json_object_set_new(root, "mails", json_integer(mails));
	json_object_set_new(root, "arrivals", json_of_arrivals(stats));
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		json_object_set_new(root, rows[i].name,
				    json_integer(stats->arrivals[rows[i].outcome]));
}

static void
add_documents(json_t *root, const struct query_stats *stats)
{
	for (gsize i = 0; i < G_N_ELEMENTS(document_rows); i++)
		json_object_set_new(root, document_rows[i].name,
				    json_integer(stats->documents[document_rows[i].kind].counted));
}

static json_t *
json_of_stats(const struct query_stats *stats)
{
	json_t *root = json_pack(
		"{s:I,s:I,s:I,s:I,s:I,s:I,s:I}", "reports", (json_int_t)stats->reports, "records",
		(json_int_t)stats->totals.records, "messages", (json_int_t)stats->totals.messages,
		"pass", (json_int_t)stats->totals.pass, "fail",
		(json_int_t)totals_fail(&stats->totals), "dkim_pass",
		(json_int_t)stats->totals.dkim_pass, "spf_pass",
		(json_int_t)stats->totals.spf_pass);
	json_t *domains = json_object();

	add_documents(root, stats);
	add_arrivals(root, stats);
	json_object_set_new(root, "revisions", json_integer(stats->revisions));
	json_object_set_new(root, "kept", json_integer(stats->kept));
	json_object_set_new(root, "size_bytes", json_integer(stats->size_bytes));
	for (guint i = 0; i < stats->domains->len; i++) {
		const struct query_stats_domain *domain = g_ptr_array_index(stats->domains, i);
		json_object_set_new(domains, domain->domain, json_of_domain(domain));
	}
	json_object_set_new(root, "domains", domains);
	return root;
}

static void
print_equation(const struct query_stats *stats)
{
	gint64 mails = 0;

	for (enum outcome o = OUTCOME_STORED; o < N_OUTCOMES; o++)
		mails = count_add(mails, stats->arrivals[o]);
	printf("mails        %" G_GINT64_FORMAT " =", mails);
	for (enum outcome o = OUTCOME_STORED; o < N_OUTCOMES; o++)
		printf("%s %" G_GINT64_FORMAT " %s", o == OUTCOME_STORED ? "" : " +",
		       stats->arrivals[o], outcome_name(o));
	putchar('\n');
}

static void
print_text(const struct query_stats *stats)
{
	printf("reports      %" G_GINT64_FORMAT " (%" G_GINT64_FORMAT " revisions)\n",
	       stats->reports, stats->revisions);
	printf("messages     %" G_GINT64_FORMAT "\n", stats->totals.messages);
	printf("pass         %" G_GINT64_FORMAT "\n", stats->totals.pass);
	printf("fail         %" G_GINT64_FORMAT "\n", totals_fail(&stats->totals));
	for (gsize i = 0; i < G_N_ELEMENTS(document_rows); i++)
		printf("%-12s %" G_GINT64_FORMAT "\n", document_rows[i].label,
		       stats->documents[document_rows[i].kind].counted);
	print_equation(stats);
	printf("kept unread  %" G_GINT64_FORMAT "\n", stats->kept);
	for (guint i = 0; i < stats->domains->len; i++) {
		const struct query_stats_domain *domain = g_ptr_array_index(stats->domains, i);
		printf("domain       %s: %" G_GINT64_FORMAT " messages, %" G_GINT64_FORMAT
		       " pass\n",
		       domain->domain, domain->totals.messages, domain->totals.pass);
	}
}

static gboolean
print_stats(const struct common_options *common, gboolean want_json, GError **error)
{
	g_autoptr(config_auto) config = command_load_config(common, error);
	if (!config)
		return FALSE;
	g_autoptr(store_auto) store = command_open_store(config, TRUE, error);
	if (!store)
		return FALSE;
	g_autoptr(store_view_auto) view = store_view_open(store, error);
	struct query_stats *stats = view ? query_stats(view, error) : NULL;
	if (!stats)
		return FALSE;
	if (want_json) {
		json_t *root = json_of_stats(stats);
		json_dumpf(root, stdout, JSON_INDENT(2));
		putchar('\n');
		json_decref(root);
	} else {
		print_text(stats);
	}
	query_stats_free(stats);
	return TRUE;
}

static int
run(int argc, char **argv)
{
	g_auto(common_options_auto) common = { 0 };
	gboolean want_json = FALSE;
	const GOptionEntry entries[] = {
		{ "json", 0, 0, G_OPTION_ARG_NONE, &want_json, "Print one JSON object", NULL },
		G_OPTION_ENTRY_NULL,
	};
	g_autoptr(GError) error = NULL;
	int code = EX_OK;

	if (!command_parse_options(&command_stats, &common, entries, &argc, &argv, &error))
		return command_fail_usage(&command_stats, error);
	if (!print_stats(&common, want_json, &error))
		code = command_fail(&command_stats, error);
	return code;
}

const struct command command_stats = {
	.name = "stats",
	.arguments = "",
	.summary = "Print what the store holds.",
	.run = run,
};
