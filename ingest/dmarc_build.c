/* SPDX-License-Identifier: MIT */
#include "ingest/dmarc_build.h"

#include <string.h>

#include "core/error.h"
#include "core/lint.h"
#include "core/text.h"
#include "ingest/dmarc_names.h"
#include "ingest/dmarc_values.h"

/* More than any value that is kept; white space and junk around it included. */
#define RAW_TEXT_LEN_MAX 65536

/* So many records are handed on together, where somebody takes them. */
#define RECORDS_AT_ONCE 1024

struct builder {
	struct document *document;
	struct report *report;
	const struct parse_limits *limits;
	struct names *names;
	struct oddities oddities;
	guint64 seen;            /* fields that have had their value, as FIELD_BIT */
	guint64 below[N_FIELDS]; /* dmarc_fields_below() */
	char *text;              /* of the element that is open, RAW_TEXT_LEN_MAX bytes */
	gsize text_len;
	struct record record; /* the one that is open, as are the next four */
	struct auth_result auth_result;
	struct reason reason;
	GArray *auth_results;
	GArray *reasons;
	GHashTable *auth_sets;   /* hash of the content -> index */
	GHashTable *reason_sets; /* the same */
};

struct builder *
builder_new(void)
{
	struct builder *b = g_new0(struct builder, 1);

	b->names = names_new();
	b->text = g_malloc(RAW_TEXT_LEN_MAX);
	b->auth_results = g_array_new(FALSE, FALSE, sizeof(struct auth_result));
	b->reasons = g_array_new(FALSE, FALSE, sizeof(struct reason));
	b->auth_sets = g_hash_table_new(NULL, NULL);
	b->reason_sets = g_hash_table_new(NULL, NULL);
	for (enum field field = 0; field < N_FIELDS; field++)
		b->below[field] = dmarc_fields_below(field);
	return b;
}

void
builder_free(struct builder *b)
{
	if (!b)
		return;
	names_free(b->names);
	oddities_clear(&b->oddities);
	g_free(b->text);
	g_array_unref(b->auth_results);
	g_array_unref(b->reasons);
	g_hash_table_unref(b->auth_sets);
	g_hash_table_unref(b->reason_sets);
	g_free(b);
}

void
builder_start(struct builder *b, struct document *document, const struct parse_limits *limits)
{
	b->document = document;
	b->report = &document->report;
	b->report->begin_at = LINT_NO_INSTANT;
	b->report->end_at = LINT_NO_INSTANT;
	b->limits = limits;
	b->seen = 0;
	oddities_clear(&b->oddities);
	names_start(b->names, document, &b->oddities);
	g_hash_table_remove_all(b->auth_sets);
	g_hash_table_remove_all(b->reason_sets);
}

void
builder_finish(struct builder *b)
{
	oddities_flush(&b->oddities, b->document);
	b->document = NULL;
	b->report = NULL;
}

/* ---- values ---- */

static void
set_report_text(struct builder *b, const struct field_row *row, const char *text, gsize len)
{
	enum name_form form = row->value == VALUE_REPORT_DOMAIN ? NAME_DOMAIN : NAME_TEXT;
	const GString *clean = names_clean(b->names, text, len, form);

	G_STRUCT_MEMBER(const char *, b->report, row->offset) =
		document_string(b->document, clean->str);
}

static void
set_report_error(struct builder *b, const struct field_row *row, const char *text, gsize len)
{
	const GString *clean = names_clean(b->names, text, len, NAME_TEXT);

	(void)row;
	if (clean->len == 0)
		return;
	if (b->report->errors->len >= RECORD_ITEMS_MAX) {
		oddities_note(&b->oddities, ODDITY_TOO_MANY_ERRORS, "", 0);
		return;
	}
	g_ptr_array_add(b->report->errors, document_string(b->document, clean->str));
}

static void
set_report_instant(struct builder *b, const struct field_row *row, const char *text, gsize len)
{
	gint64 at;
	enum oddity oddity;

	if (len == 0)
		return;
	if (value_instant(text, len, &at, &oddity))
		G_STRUCT_MEMBER(gint64, b->report, row->offset) = at;
	else
		oddity = ODDITY_INSTANT_INVALID;
	if (oddity < N_ODDITIES)
		oddities_note(&b->oddities, oddity, text, len);
}

static void
set_record_ip(struct builder *b, const struct field_row *row, const char *text, gsize len)
{
	(void)row;
	if (value_ip(text, len, &b->record.source_ip) && !ip_is_none(&b->record.source_ip))
		return;
	b->record.source_text = names_intern(b->names, text, len, NAME_TEXT);
	if (b->record.source_text != 0)
		oddities_note(&b->oddities, ODDITY_SOURCE_INVALID, text, len);
}

static void
set_record_count(struct builder *b, const struct field_row *row, const char *text, gsize len)
{
	if (len == 0)
		b->seen &= ~FIELD_BIT(row->field);
	else if (!value_count(text, len, &b->record.count))
		oddities_note(&b->oddities, ODDITY_COUNT_INVALID, text, len);
}

static void
set_record_disposition(struct builder *b, const struct field_row *row, const char *text, gsize len)
{
	(void)row;
	b->record.disposition = (guint8)value_disposition(text, len);
	b->record.disposition_name = names_intern(b->names, text, len, NAME_WORD);
	if (b->record.disposition == DISPOSITION_OTHER)
		oddities_note(&b->oddities, ODDITY_DISPOSITION_UNKNOWN, text, len);
}

static void
set_record_aligned(struct builder *b, const struct field_row *row, const char *text, gsize len)
{
	gboolean is_known;

	G_STRUCT_MEMBER(guint8, &b->record, row->offset) =
		(guint8)value_aligned(text, len, &is_known);
	if (!is_known)
		oddities_note(&b->oddities, ODDITY_RESULT_UNKNOWN, text, len);
}

static void
set_record_domain(struct builder *b, const struct field_row *row, const char *text, gsize len)
{
	G_STRUCT_MEMBER(guint32, &b->record, row->offset) =
		names_intern(b->names, text, len, NAME_DOMAIN);
}

static void
set_reason(struct builder *b, const struct field_row *row, const char *text, gsize len)
{
	enum name_form form = row->value == VALUE_REASON_WORD ? NAME_WORD : NAME_TEXT;

	G_STRUCT_MEMBER(guint32, &b->reason, row->offset) = names_intern(b->names, text, len, form);
}

static void
set_auth(struct builder *b, const struct field_row *row, const char *text, gsize len)
{
	static const enum name_form forms[N_VALUES] = {
		[VALUE_AUTH_WORD] = NAME_WORD,
		[VALUE_AUTH_TEXT] = NAME_TEXT,
		[VALUE_AUTH_DOMAIN] = NAME_DOMAIN,
	};

	G_STRUCT_MEMBER(guint32, &b->auth_result, row->offset) =
		names_intern(b->names, text, len, forms[row->value]);
}

typedef void (*set_fn)(struct builder *b, const struct field_row *row, const char *text, gsize len);

static const set_fn setters[N_VALUES] = {
	[VALUE_REPORT_TEXT] = set_report_text,
	[VALUE_REPORT_DOMAIN] = set_report_text,
	[VALUE_REPORT_INSTANT] = set_report_instant,
	[VALUE_REPORT_ERROR] = set_report_error,
	[VALUE_RECORD_IP] = set_record_ip,
	[VALUE_RECORD_COUNT] = set_record_count,
	[VALUE_RECORD_DISPOSITION] = set_record_disposition,
	[VALUE_RECORD_ALIGNED] = set_record_aligned,
	[VALUE_RECORD_DOMAIN] = set_record_domain,
	[VALUE_REASON_WORD] = set_reason,
	[VALUE_REASON_TEXT] = set_reason,
	[VALUE_AUTH_WORD] = set_auth,
	[VALUE_AUTH_TEXT] = set_auth,
	[VALUE_AUTH_DOMAIN] = set_auth,
};

/* ---- groups ---- */

/*
 * The index of the set with these items, added where there is none. Two sets of one hash are not
 * told apart by the table; the later one then gets an entry of its own each time, which is right
 * but larger.
 */
static guint32
find_set(GHashTable *table, GArray *sets, GArray *all, const GArray *items)
{
	gsize size = g_array_get_element_size(all) * items->len;
	gpointer index;

	if (items->len == 0)
		return 0;
	gpointer key = (gpointer)(guintptr)names_hash(items->data, size);
	gboolean is_known = g_hash_table_lookup_extended(table, key, NULL, &index);
	if (is_known) {
		const struct run *run = &g_array_index(sets, struct run, GPOINTER_TO_UINT(index));
		const char *old = all->data + run->first * g_array_get_element_size(all);
		if (run->n == items->len && memcmp(old, items->data, size) == 0)
			return GPOINTER_TO_UINT(index);
	}
	struct run run = { all->len, items->len };
	g_array_append_vals(all, items->data, items->len);
	g_array_append_val(sets, run);
	if (!is_known)
		g_hash_table_insert(table, key, GUINT_TO_POINTER(sets->len - 1));
	return sets->len - 1;
}

static void
note_gaps(struct builder *b)
{
	struct record *record = &b->record;

	if (!(b->seen & FIELD_BIT(FIELD_COUNT))) {
		/* A record exists because a message did. */
		record->count = 1;
		oddities_note(&b->oddities, ODDITY_COUNT_MISSING, "", 0);
	}
	if (record->source_text == 0 && ip_is_none(&record->source_ip))
		oddities_note(&b->oddities, ODDITY_SOURCE_MISSING, "", 0);
	if (record->header_from == 0)
		oddities_note(&b->oddities, ODDITY_HEADER_FROM_MISSING, "", 0);
	if (record->disposition == DISPOSITION_MISSING)
		oddities_note(&b->oddities, ODDITY_DISPOSITION_MISSING, "", 0);
	if (record->dkim == ALIGNED_MISSING || record->spf == ALIGNED_MISSING)
		oddities_note(&b->oddities, ODDITY_RESULT_MISSING, "", 0);
}

/* Nothing that one could count, trace or show. */
static gboolean
is_empty_record(const struct builder *b)
{
	return !(b->seen & FIELD_BIT(FIELD_COUNT)) && ip_is_none(&b->record.source_ip) &&
	       b->record.source_text == 0 && b->record.header_from == 0;
}

static gboolean
end_record(struct builder *b, GError **error)
{
	struct report *report = b->report;

	if (report->records->len + report->n_taken >= b->limits->records) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_LIMIT,
			    "number of records is over max_records (%u)", b->limits->records);
		return FALSE;
	}
	if (is_empty_record(b)) {
		oddities_note(&b->oddities, ODDITY_RECORD_EMPTY, "", 0);
		report->left_out++;
		return TRUE;
	}
	note_gaps(b);
	b->record.auth_set =
		find_set(b->auth_sets, report->auth_sets, report->auth_results, b->auth_results);
	b->record.reason_set =
		find_set(b->reason_sets, report->reason_sets, report->reasons, b->reasons);
	g_array_append_val(report->records, b->record);
	if (report->records->len >= RECORDS_AT_ONCE)
		document_hand_on(b->document);
	return TRUE;
}

static void
end_auth_result(struct builder *b)
{
	if (b->auth_results->len < RECORD_ITEMS_MAX)
		g_array_append_val(b->auth_results, b->auth_result);
	else
		oddities_note(&b->oddities, ODDITY_TOO_MANY_RESULTS, "", 0);
}

static void
end_reason(struct builder *b, gsize len)
{
	const guint64 parts = FIELD_BIT(FIELD_REASON_TYPE) | FIELD_BIT(FIELD_REASON_COMMENT);

	if ((b->seen & parts) == 0)
		b->reason.type = names_intern(b->names, b->text, len, NAME_WORD);
	if (b->reasons->len < RECORD_ITEMS_MAX)
		g_array_append_val(b->reasons, b->reason);
	else
		oddities_note(&b->oddities, ODDITY_TOO_MANY_REASONS, "", 0);
}

/* ---- what the reader calls ---- */

void
builder_enter(struct builder *b, const struct field_row *row)
{
	static const struct record no_record;
	static const struct reason no_reason;

	b->text_len = 0;
	if (row->is_repeated)
		b->seen &= ~b->below[row->field];
	if (row->field == FIELD_RECORD) {
		b->record = no_record;
		b->auth_results->len = 0;
		b->reasons->len = 0;
	} else if (row->field == FIELD_DKIM || row->field == FIELD_SPF) {
		b->auth_result = (struct auth_result){ .kind = row->offset };
	} else if (row->field == FIELD_REASON) {
		b->reason = no_reason;
	}
}

void
builder_text(struct builder *b, const char *bytes, gsize len)
{
	if (b->text_len == 0) {
		while (len > 0 && g_ascii_isspace(*bytes)) {
			bytes++;
			len--;
		}
	}
	len = MIN(len, RAW_TEXT_LEN_MAX - b->text_len);
	memcpy(b->text + b->text_len, bytes, len);
	b->text_len += len;
}

static void
set_value(struct builder *b, const struct field_row *row, gsize len)
{
	guint64 bit = FIELD_BIT(row->field);

	if (!row->is_repeated && (b->seen & bit)) {
		oddities_note(&b->oddities, ODDITY_DUPLICATE, row->name, strlen(row->name));
		return;
	}
	b->seen |= bit;
	setters[row->value](b, row, b->text, len);
}

gboolean
builder_leave(struct builder *b, const struct field_row *row, GError **error)
{
	gsize len = b->text_len;

	while (len > 0 && g_ascii_isspace(b->text[len - 1]))
		len--;
	if (setters[row->value])
		set_value(b, row, len);
	else if (row->field == FIELD_RECORD)
		return end_record(b, error);
	else if (row->field == FIELD_DKIM || row->field == FIELD_SPF)
		end_auth_result(b);
	else if (row->field == FIELD_REASON)
		end_reason(b, len);
	return TRUE;
}
