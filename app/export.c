/* SPDX-License-Identifier: MIT */
#include "app/export.h"

#include "web/export.h"

#define ROWS_AT_ONCE 1000

static json_t *
new_answer(const struct query_page *page, json_t *rows)
{
	json_t *root = json_object();

	json_object_set_new(root, "data", rows);
	if (page->next)
		json_object_set_new(root, "next", json_string(page->next));
	return root;
}

static json_t *
source_rows(struct export *export, const char *after, GError **error)
{
	g_autoptr(query_page_auto) page = query_addresses(export->view, after, ROWS_AT_ONCE, error);
	if (!page)
		return NULL;
	json_t *rows = json_array();
	for (guint i = 0; i < page->rows->len; i++) {
		const struct query_address *address = g_ptr_array_index(page->rows, i);
		const struct totals *totals = &address->totals;
		char ip[IP_TEXT_LEN];
		json_array_append_new(rows, json_pack("{s:s,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I}",
						      "source_ip", ip_format(&address->ip, ip),
						      "records", (json_int_t)totals->records,
						      "messages", (json_int_t)totals->messages,
						      "pass", (json_int_t)totals->pass, "fail",
						      (json_int_t)totals_fail(totals), "dkim_pass",
						      (json_int_t)totals->dkim_pass, "spf_pass",
						      (json_int_t)totals->spf_pass, "quarantined",
						      (json_int_t)totals->quarantined, "rejected",
						      (json_int_t)totals->rejected));
	}
	return new_answer(page, rows);
}

static const char *const source_columns[] = {
	"source_ip", "records",  "messages",    "pass",     "fail",
	"dkim_pass", "spf_pass", "quarantined", "rejected", NULL,
};

static const char *const domain_columns[] = {
	"domain", "policy",    "reports",  "messages", "pass",
	"fail",   "dkim_pass", "spf_pass", "last_day", NULL,
};

static json_t *
domain_rows(struct export *export, const char *after, GError **error)
{
	return web_export_rows(export->view, export->allow_documentation, "/domains?period=all",
			       after, error);
}

static json_t *
takedown_rows(struct export *export, const char *after, GError **error)
{
	return web_export_rows(export->view, export->allow_documentation, "/takedown", after,
			       error);
}

const struct export_kind export_kinds[] = {
	{ "sources", source_columns, source_rows },
	{ "domains", domain_columns, domain_rows },
	{ "takedown", NULL, takedown_rows },
};
const gsize n_export_kinds = G_N_ELEMENTS(export_kinds);
