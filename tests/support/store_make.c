/* SPDX-License-Identifier: MIT */
#include "tests/support/store_make.h"

#include "core/compress.h"

#define FIRST_DAY 20454 /* 2026-01-01 */

struct make {
	struct document *document;
	GHashTable *names; /* text -> index */
	GHashTable *auths; /* text -> set */
	GHashTable *reasons;
};

static const char *
text_or(const char *text, const char *otherwise)
{
	return text ? text : otherwise;
}

static guint32
name_of(struct make *make, const char *text)
{
	GPtrArray *names = make->document->report.names;
	gpointer index;

	if (g_hash_table_lookup_extended(make->names, text, NULL, &index))
		return GPOINTER_TO_UINT(index);
	char *own = document_string(make->document, text);
	g_hash_table_insert(make->names, own, GUINT_TO_POINTER(names->len));
	g_ptr_array_add(names, own);
	return names->len - 1;
}

struct make *
make_start(const struct make_report *report)
{
	struct make *make = g_new0(struct make, 1);
	gint64 day = report->day ? report->day : FIRST_DAY;

	make->document = document_new(DOCUMENT_AGGREGATE);
	make->names = g_hash_table_new(g_str_hash, g_str_equal);
	make->auths = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	make->reasons = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_hash_table_insert(make->names, g_ptr_array_index(make->document->report.names, 0),
			    GUINT_TO_POINTER(0));

	struct report *r = &make->document->report;
	r->org_name = document_string(make->document, text_or(report->reporter, "Mail Host"));
	r->org_email = document_string(make->document, "dmarc@host.example");
	r->report_id = document_string(make->document, text_or(report->report_id, "r-1"));
	r->begin_at = report->begin_at ? report->begin_at : day * DAY_S;
	r->end_at = report->end_at ? report->end_at : day * DAY_S + DAY_S - 1;
	r->policy.domain = document_string(make->document, text_or(report->domain, "shop.example"));
	r->policy.p = document_string(make->document, text_or(report->p, "none"));
	return make;
}

static struct auth_result
read_auth(struct make *make, const char *text)
{
	g_auto(GStrv) words = g_strsplit(text, " ", 5);
	guint n = g_strv_length(words);
	struct auth_result auth = { .kind = g_str_equal(words[0], "dkim") ? AUTH_DKIM : AUTH_SPF };

	auth.result = name_of(make, words[1]);
	auth.domain = name_of(make, words[2]);
	if (n > 3 && auth.kind == AUTH_DKIM)
		auth.selector = name_of(make, words[3]);
	if (n > 3 && auth.kind == AUTH_SPF)
		auth.scope = name_of(make, words[3]);
	return auth;
}

static guint32
auth_set_of(struct make *make, const char *text)
{
	struct report *r = &make->document->report;
	gpointer set;

	if (!text)
		return 0;
	if (g_hash_table_lookup_extended(make->auths, text, NULL, &set))
		return GPOINTER_TO_UINT(set);
	g_auto(GStrv) parts = g_strsplit(text, "; ", -1);
	struct run run = { r->auth_results->len, g_strv_length(parts) };
	for (guint i = 0; i < run.n; i++) {
		struct auth_result auth = read_auth(make, parts[i]);
		g_array_append_val(r->auth_results, auth);
	}
	g_hash_table_insert(make->auths, g_strdup(text), GUINT_TO_POINTER(r->auth_sets->len));
	g_array_append_val(r->auth_sets, run);
	return r->auth_sets->len - 1;
}

static guint32
reason_set_of(struct make *make, const char *type, const char *comment)
{
	struct report *r = &make->document->report;
	gpointer set;

	if (!type)
		return 0;
	g_autofree char *key = g_strdup_printf("%s: %s", type, comment);
	if (g_hash_table_lookup_extended(make->reasons, key, NULL, &set))
		return GPOINTER_TO_UINT(set);
	struct run run = { r->reasons->len, 1 };
	struct reason reason = { name_of(make, type), name_of(make, comment) };
	g_array_append_val(r->reasons, reason);
	g_hash_table_insert(make->reasons, g_steal_pointer(&key),
			    GUINT_TO_POINTER(r->reason_sets->len));
	g_array_append_val(r->reason_sets, run);
	return r->reason_sets->len - 1;
}

void
make_record(struct make *make, const struct make_record *record)
{
	struct report *r = &make->document->report;
	struct record made = {
		.count = record->count,
		.header_from = name_of(make, text_or(record->header_from, r->policy.domain)),
		.envelope_from = name_of(make, text_or(record->envelope_from, "")),
		.auth_set = auth_set_of(make, record->auth),
		.reason_set = reason_set_of(make, record->reason, text_or(record->comment, "")),
		.disposition_name = name_of(make, text_or(record->disposition_name, "")),
		.disposition = (guint8)record->disposition,
		.dkim = (guint8)record->dkim,
		.spf = (guint8)record->spf,
	};
	const char *ip = text_or(record->ip, "192.0.2.1");

	if (!ip_parse(ip, &made.source_ip))
		made.source_text = name_of(make, ip);
	g_array_append_val(r->records, made);
}

struct document *
make_end(struct make *make)
{
	struct document *document = make->document;
	g_autofree char *text =
		g_strdup_printf("<feedback><!-- %s --></feedback>", document->report.report_id);
	g_autoptr(GBytes) xml = g_bytes_new(text, strlen(text));

	document->raw = compress_pack(xml);
	document->part = document_string(document, "part 2 \"r.zip\": entry 1 \"r.xml\"");
	g_hash_table_unref(make->names);
	g_hash_table_unref(make->auths);
	g_hash_table_unref(make->reasons);
	g_free(make);
	return document;
}

struct document *
make_document(const struct make_report *report, const struct make_record *record)
{
	struct make *make = make_start(report);

	make_record(make, record);
	return make_end(make);
}
