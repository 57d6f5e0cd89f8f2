/* SPDX-License-Identifier: MIT */
#include "store/sqlite_translate.h"

/* 0001-01-01 and 9999-12-31, in days since 1970. */
#define DAY_MIN (-719162)
#define DAY_MAX 2932896

struct translation {
	struct dictionaries *dictionaries;
	const struct report *report;
	guint32 domain;
	guint32 *names;     /* by index of the report's names */
	guint32 *auth_sets; /* by set number */
	guint32 *reason_sets;
	struct row_reader *reader;
};

static gboolean
translate_names(struct translation *t, GError **error)
{
	const GPtrArray *names = t->report->names;

	t->names = g_new(guint32, names->len);
	for (guint i = 0; i < names->len; i++)
		if (!dictionary_text(t->dictionaries, DICTIONARY_NAME, g_ptr_array_index(names, i),
				     &t->names[i], error))
			return FALSE;
	return TRUE;
}

static void
pack_auth(struct translation *t, const struct auth_result *auth, GByteArray *body)
{
	pack_uint(body, auth->kind);
	pack_uint(body, t->names[auth->domain]);
	pack_uint(body, t->names[auth->selector]);
	pack_uint(body, t->names[auth->scope]);
	pack_uint(body, t->names[auth->result]);
	pack_uint(body, t->names[auth->human_result]);
}

static gboolean
translate_auth_sets(struct translation *t, GError **error)
{
	const GArray *sets = t->report->auth_sets;
	g_autoptr(GByteArray) body = g_byte_array_new();

	t->auth_sets = g_new(guint32, sets->len);
	for (guint i = 0; i < sets->len; i++) {
		const struct run *set = &g_array_index(sets, struct run, i);
		g_byte_array_set_size(body, 0);
		for (guint k = set->first; k < set->first + set->n; k++) {
			const struct auth_result *auth =
				&g_array_index(t->report->auth_results, struct auth_result, k);
			pack_auth(t, auth, body);
		}
		if (!dictionary_set(t->dictionaries, DICTIONARY_AUTH_SET, body, &t->auth_sets[i],
				    error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
translate_reason_sets(struct translation *t, GError **error)
{
	const GArray *sets = t->report->reason_sets;
	g_autoptr(GByteArray) body = g_byte_array_new();

	t->reason_sets = g_new(guint32, sets->len);
	for (guint i = 0; i < sets->len; i++) {
		const struct run *set = &g_array_index(sets, struct run, i);
		g_byte_array_set_size(body, 0);
		for (guint k = set->first; k < set->first + set->n; k++) {
			const struct reason *reason =
				&g_array_index(t->report->reasons, struct reason, k);
			pack_uint(body, t->names[reason->type]);
			pack_uint(body, t->names[reason->comment]);
		}
		if (!dictionary_set(t->dictionaries, DICTIONARY_REASON_SET, body,
				    &t->reason_sets[i], error))
			return FALSE;
	}
	return TRUE;
}

/* budget: how many messages the report may still count. */
static gboolean
translate_record(struct translation *t, guint index, gint64 budget, struct stored_record *stored,
		 GError **error)
{
	const struct record *r = &g_array_index(t->report->records, struct record, index);
	const struct row_question question = { t->domain, t->report, r };

	*stored = (struct stored_record){
		.seq = index + 1,
		.count = CLAMP(r->count, 0, budget),
		.auth_set = t->auth_sets[r->auth_set],
		.reason_set = t->reason_sets[r->reason_set],
		.header_from = t->names[r->header_from],
		.envelope_from = t->names[r->envelope_from],
		.envelope_to = t->names[r->envelope_to],
		.source_text = t->names[r->source_text],
		.disposition_name = r->disposition == DISPOSITION_OTHER
					    ? t->names[r->disposition_name]
					    : PACK_NO_NAME,
		.disposition = r->disposition,
		.dkim = r->dkim,
		.spf = r->spf,
	};
	/* Address 0 stands for what is no address. */
	return row_reader_read(t->reader, &question, stored, error) &&
	       (ip_is_none(&r->source_ip) ||
		dictionary_address(t->dictionaries, &r->source_ip, &stored->address, error));
}

static gint
compare_records(gconstpointer a, gconstpointer b)
{
	const struct stored_record *x = a;
	const struct stored_record *y = b;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

static gboolean
translate_records(struct translation *t, struct report_row *row, GArray *records, GError **error)
{
	gint64 budget = REPORT_MESSAGES_MAX;

	t->domain = row->domain;
	g_array_set_size(records, t->report->records->len);
	for (guint i = 0; i < records->len; i++) {
		struct stored_record *stored = &g_array_index(records, struct stored_record, i);
		if (!translate_record(t, i, budget, stored, error))
			return FALSE;
		budget -= stored->count;
		struct totals more = stored_record_totals(stored);
		totals_add(&row->totals, &more);
	}
	g_array_sort(records, compare_records);
	return TRUE;
}

static gboolean
translate_header(struct translation *t, struct report_row *row, GError **error)
{
	g_autofree char *reporter = g_utf8_casefold(report_reporter(t->report), -1);

	row->day = CLAMP(report_day(t->report), DAY_MIN, DAY_MAX);
	return dictionary_text(t->dictionaries, DICTIONARY_NAME, t->report->policy.domain,
			       &row->domain, error) &&
	       dictionary_text(t->dictionaries, DICTIONARY_REPORTER, reporter, &row->reporter,
			       error);
}

gboolean
translate_report(struct dictionaries *dictionaries, struct row_reader *reader,
		 const struct report *report, struct report_row *row, GArray *records,
		 GError **error)
{
	struct translation t = { .dictionaries = dictionaries, .report = report, .reader = reader };

	gboolean is_translated = translate_header(&t, row, error) && translate_names(&t, error) &&
				 translate_auth_sets(&t, error) &&
				 translate_reason_sets(&t, error) &&
				 translate_records(&t, row, records, error);
	g_free(t.names);
	g_free(t.auth_sets);
	g_free(t.reason_sets);
	return is_translated;
}
