/* SPDX-License-Identifier: MIT */
#include "ingest/dmarc_fields.h"

#include "core/text.h"
#include "ingest/dmarc_values.h"

/* RFC 9990 section 3.1.3: at most 100 signatures a row. */
#define DKIM_MAX 100

#define IN_REPORT(member) G_STRUCT_OFFSET(struct report, member)
#define IN_RECORD(member) G_STRUCT_OFFSET(struct record, member)
#define IN_AUTH(member)   G_STRUCT_OFFSET(struct auth_result, member)
#define IN_REASON(member) G_STRUCT_OFFSET(struct reason, member)

typedef void take_fn(struct dmarc_state *state, const struct dmarc_field *field, const char *text,
		     gsize len);

static take_fn take_text, take_policy_domain, take_word, take_error, take_time, take_source_ip,
	take_count, take_disposition, take_aligned, take_record_domain, take_auth_domain,
	take_auth_name, take_auth_word, take_reason_type, take_reason_comment, take_reason_text;

const struct dmarc_field dmarc_fields[] = {
	{ GROUP_NONE, "feedback", GROUP_FEEDBACK, NULL, 0 },
	{ GROUP_FEEDBACK, "record", GROUP_RECORD, NULL, 0 },
	{ GROUP_FEEDBACK, "version", GROUP_NONE, take_text, IN_REPORT(version) },
	{ GROUP_FEEDBACK, "report_metadata", GROUP_METADATA, NULL, 0 },
	{ GROUP_FEEDBACK, "policy_published", GROUP_POLICY, NULL, 0 },

	{ GROUP_METADATA, "org_name", GROUP_NONE, take_text, IN_REPORT(org_name) },
	{ GROUP_METADATA, "email", GROUP_NONE, take_text, IN_REPORT(org_email) },
	{ GROUP_METADATA, "extra_contact_info", GROUP_NONE, take_text,
	  IN_REPORT(extra_contact_info) },
	{ GROUP_METADATA, "report_id", GROUP_NONE, take_text, IN_REPORT(report_id) },
	{ GROUP_METADATA, "generator", GROUP_NONE, take_text, IN_REPORT(generator) },
	{ GROUP_METADATA, "error", GROUP_NONE, take_error, 0 },
	{ GROUP_METADATA, "date_range", GROUP_DATE_RANGE, NULL, 0 },
	{ GROUP_DATE_RANGE, "begin", GROUP_NONE, take_time, IN_REPORT(begin_at) },
	{ GROUP_DATE_RANGE, "end", GROUP_NONE, take_time, IN_REPORT(end_at) },

	{ GROUP_POLICY, "domain", GROUP_NONE, take_policy_domain, IN_REPORT(policy.domain) },
	{ GROUP_POLICY, "p", GROUP_NONE, take_word, IN_REPORT(policy.p) },
	{ GROUP_POLICY, "sp", GROUP_NONE, take_word, IN_REPORT(policy.sp) },
	{ GROUP_POLICY, "np", GROUP_NONE, take_word, IN_REPORT(policy.np) },
	{ GROUP_POLICY, "adkim", GROUP_NONE, take_word, IN_REPORT(policy.adkim) },
	{ GROUP_POLICY, "aspf", GROUP_NONE, take_word, IN_REPORT(policy.aspf) },
	{ GROUP_POLICY, "fo", GROUP_NONE, take_text, IN_REPORT(policy.fo) },
	{ GROUP_POLICY, "pct", GROUP_NONE, take_text, IN_REPORT(policy.pct) },
	{ GROUP_POLICY, "testing", GROUP_NONE, take_word, IN_REPORT(policy.testing) },
	{ GROUP_POLICY, "discovery_method", GROUP_NONE, take_word,
	  IN_REPORT(policy.discovery_method) },

	{ GROUP_RECORD, "row", GROUP_ROW, NULL, 0 },
	{ GROUP_RECORD, "identifiers", GROUP_IDENTIFIERS, NULL, 0 },
	/* 2012, Google. */
	{ GROUP_RECORD, "identities", GROUP_IDENTIFIERS, NULL, 0 },
	{ GROUP_RECORD, "auth_results", GROUP_AUTH, NULL, 0 },
	{ GROUP_ROW, "source_ip", GROUP_NONE, take_source_ip, 0 },
	{ GROUP_ROW, "count", GROUP_NONE, take_count, 0 },
	{ GROUP_ROW, "policy_evaluated", GROUP_EVALUATED, NULL, 0 },
	{ GROUP_EVALUATED, "disposition", GROUP_NONE, take_disposition, 0 },
	{ GROUP_EVALUATED, "dkim", GROUP_NONE, take_aligned, IN_RECORD(dkim) },
	{ GROUP_EVALUATED, "spf", GROUP_NONE, take_aligned, IN_RECORD(spf) },
	/* rspamd writes the type as the reason's own text. */
	{ GROUP_EVALUATED, "reason", GROUP_REASON, take_reason_text, 0 },
	{ GROUP_REASON, "type", GROUP_NONE, take_reason_type, 0 },
	{ GROUP_REASON, "comment", GROUP_NONE, take_reason_comment, 0 },
	{ GROUP_IDENTIFIERS, "header_from", GROUP_NONE, take_record_domain,
	  IN_RECORD(header_from) },
	{ GROUP_IDENTIFIERS, "envelope_from", GROUP_NONE, take_record_domain,
	  IN_RECORD(envelope_from) },
	{ GROUP_IDENTIFIERS, "envelope_to", GROUP_NONE, take_record_domain,
	  IN_RECORD(envelope_to) },
	{ GROUP_AUTH, "dkim", GROUP_DKIM, NULL, 0 },
	{ GROUP_AUTH, "spf", GROUP_SPF, NULL, 0 },
	{ GROUP_DKIM, "domain", GROUP_NONE, take_auth_domain, IN_AUTH(domain) },
	{ GROUP_DKIM, "selector", GROUP_NONE, take_auth_name, IN_AUTH(selector) },
	{ GROUP_DKIM, "result", GROUP_NONE, take_auth_word, IN_AUTH(result) },
	{ GROUP_DKIM, "human_result", GROUP_NONE, take_auth_name, IN_AUTH(human_result) },
	{ GROUP_SPF, "domain", GROUP_NONE, take_auth_domain, IN_AUTH(domain) },
	{ GROUP_SPF, "scope", GROUP_NONE, take_auth_word, IN_AUTH(scope) },
	{ GROUP_SPF, "result", GROUP_NONE, take_auth_word, IN_AUTH(result) },
	{ GROUP_SPF, "human_result", GROUP_NONE, take_auth_name, IN_AUTH(human_result) },
};
const guint n_dmarc_fields = G_N_ELEMENTS(dmarc_fields);

G_STATIC_ASSERT(G_N_ELEMENTS(dmarc_fields) <= DMARC_FIELDS_MAX);

/* Clean text into state->clean. */
static void
clean(struct dmarc_state *state, const char *text, gsize len)
{
	g_string_truncate(state->clean, 0);
	if (!text_clean(text, len, state->clean))
		document_warn(state->document, "text-repaired", "");
}

static void
fold_case(GString *text)
{
	for (gsize i = 0; i < text->len; i++)
		text->str[i] = g_ascii_tolower(text->str[i]);
}

/* The index of state->clean in the document's names. */
static guint32
intern(struct dmarc_state *state)
{
	GPtrArray *names = state->document->report.names;
	gpointer index = g_hash_table_lookup(state->name_index, state->clean->str);

	if (index)
		return GPOINTER_TO_UINT(index) - 1;
	char *name = document_string(state->document, state->clean->str);
	g_ptr_array_add(names, name);
	g_hash_table_insert(state->name_index, name, GUINT_TO_POINTER(names->len));
	return names->len - 1;
}

/*
 * The index of text as a name. Records repeat themselves: where the text is, to the byte, what this
 * field held last, that name is meant; cleaning a name again changes nothing.
 */
static guint32
intern_as(struct dmarc_state *state, const struct dmarc_field *field, const char *text, gsize len,
	  void (*fold)(GString *text))
{
	guint32 *last = &state->last_names[field - dmarc_fields];
	const char *name = report_name(&state->document->report, *last);

	if (strncmp(name, text, len) == 0 && name[len] == '\0')
		return *last;
	clean(state, text, len);
	if (fold)
		fold(state->clean);
	*last = intern(state);
	return *last;
}

/* The first of an element that may stand once counts. */
static gboolean
is_first(struct dmarc_state *state, guint64 *seen, const struct dmarc_field *field)
{
	guint64 bit = G_GUINT64_CONSTANT(1) << (field - dmarc_fields);

	if (*seen & bit) {
		document_warn(state->document, "duplicate-element", field->name);
		return FALSE;
	}
	*seen |= bit;
	return TRUE;
}

static void
set_head(struct dmarc_state *state, const struct dmarc_field *field)
{
	const char **slot = G_STRUCT_MEMBER_P(&state->document->report, field->offset);

	if (is_first(state, &state->seen_in_head, field))
		*slot = document_string(state->document, state->clean->str);
}

static void
take_text(struct dmarc_state *state, const struct dmarc_field *field, const char *text, gsize len)
{
	clean(state, text, len);
	set_head(state, field);
}

static void
take_word(struct dmarc_state *state, const struct dmarc_field *field, const char *text, gsize len)
{
	clean(state, text, len);
	fold_case(state->clean);
	set_head(state, field);
}

static void
take_policy_domain(struct dmarc_state *state, const struct dmarc_field *field, const char *text,
		   gsize len)
{
	clean(state, text, len);
	text_fold_domain(state->clean);
	set_head(state, field);
}

static void
take_error(struct dmarc_state *state, const struct dmarc_field *field, const char *text, gsize len)
{
	(void)field;
	clean(state, text, len);
	if (state->clean->len > 0 && state->document->report.errors->len < DOCUMENT_WARNINGS_MAX)
		g_ptr_array_add(state->document->report.errors,
				document_string(state->document, state->clean->str));
}

static void
take_time(struct dmarc_state *state, const struct dmarc_field *field, const char *text, gsize len)
{
	gint64 *slot = G_STRUCT_MEMBER_P(&state->document->report, field->offset);
	gboolean *has = field->offset == IN_REPORT(begin_at) ? &state->has_begin : &state->has_end;

	clean(state, text, len);
	if (!*has)
		*has = dmarc_read_time(state->document, state->clean->str, slot);
	else
		document_warn(state->document, "duplicate-element", field->name);
}

static void
take_source_ip(struct dmarc_state *state, const struct dmarc_field *field, const char *text,
	       gsize len)
{
	if (!is_first(state, &state->seen, field))
		return;
	clean(state, text, len);
	if (ip_parse(state->clean->str, &state->record.source_ip))
		return;
	state->record.source_text = intern(state);
	document_warn(state->document, "bad-source_ip", state->clean->str);
}

static void
take_count(struct dmarc_state *state, const struct dmarc_field *field, const char *text, gsize len)
{
	if (!is_first(state, &state->seen, field))
		return;
	clean(state, text, len);
	state->has_count = TRUE;
	state->record.count = dmarc_read_count(state->document, state->clean->str);
}

static void
take_disposition(struct dmarc_state *state, const struct dmarc_field *field, const char *text,
		 gsize len)
{
	if (!is_first(state, &state->seen, field))
		return;
	state->record.disposition_name = intern_as(state, field, text, len, fold_case);
	state->record.disposition = (guint8)dmarc_read_disposition(
		state->document,
		report_name(&state->document->report, state->record.disposition_name));
}

static void
take_aligned(struct dmarc_state *state, const struct dmarc_field *field, const char *text,
	     gsize len)
{
	guint8 *slot = G_STRUCT_MEMBER_P(&state->record, field->offset);

	if (!is_first(state, &state->seen, field))
		return;
	clean(state, text, len);
	*slot = (guint8)dmarc_read_aligned(state->document, state->clean->str);
}

static void
take_record_domain(struct dmarc_state *state, const struct dmarc_field *field, const char *text,
		   gsize len)
{
	guint32 *slot = G_STRUCT_MEMBER_P(&state->record, field->offset);

	if (is_first(state, &state->seen, field))
		*slot = intern_as(state, field, text, len, text_fold_domain);
}

static void
take_auth_domain(struct dmarc_state *state, const struct dmarc_field *field, const char *text,
		 gsize len)
{
	guint32 *slot = G_STRUCT_MEMBER_P(&state->auth, field->offset);

	*slot = intern_as(state, field, text, len, text_fold_domain);
}

static void
take_auth_name(struct dmarc_state *state, const struct dmarc_field *field, const char *text,
	       gsize len)
{
	guint32 *slot = G_STRUCT_MEMBER_P(&state->auth, field->offset);

	*slot = intern_as(state, field, text, len, NULL);
}

static void
take_auth_word(struct dmarc_state *state, const struct dmarc_field *field, const char *text,
	       gsize len)
{
	guint32 *slot = G_STRUCT_MEMBER_P(&state->auth, field->offset);

	*slot = intern_as(state, field, text, len, fold_case);
	if (field->offset == IN_AUTH(result))
		dmarc_check_result(state->document, state->auth.kind,
				   report_name(&state->document->report, *slot));
}

static void
take_reason_type(struct dmarc_state *state, const struct dmarc_field *field, const char *text,
		 gsize len)
{
	state->reason.type = intern_as(state, field, text, len, fold_case);
}

static void
take_reason_comment(struct dmarc_state *state, const struct dmarc_field *field, const char *text,
		    gsize len)
{
	state->reason.comment = intern_as(state, field, text, len, NULL);
}

static void
take_reason_text(struct dmarc_state *state, const struct dmarc_field *field, const char *text,
		 gsize len)
{
	if (state->reason.type == 0)
		take_reason_type(state, field, text, len);
}

/* The number of the set that holds these items, adding it where it is new. */
static guint32
intern_set(GHashTable *index, GArray *sets, GArray *all, GArray *items)
{
	if (items->len == 0)
		return 0;
	gsize len = items->len * g_array_get_element_size(items);
	g_autoptr(GBytes) key = g_bytes_new_static(items->data, len);
	gpointer number = g_hash_table_lookup(index, key);
	if (number)
		return GPOINTER_TO_UINT(number);
	struct run run = { all->len, items->len };
	g_array_append_vals(all, items->data, items->len);
	g_array_append_val(sets, run);
	g_hash_table_insert(index, g_bytes_new(items->data, len), GUINT_TO_POINTER(sets->len - 1));
	return sets->len - 1;
}

static void
end_record(struct dmarc_state *state)
{
	struct report *report = &state->document->report;
	struct record *record = &state->record;

	if (report->records->len >= state->max_records) {
		state->is_over_max_records = TRUE;
		return;
	}
	if (!state->has_count) {
		/* A row tells of at least one message. */
		record->count = 1;
		document_warn(state->document, "count-missing", "");
	}
	record->auth_set = intern_set(state->auth_index, report->auth_sets, report->auth_results,
				      state->auths);
	record->reason_set = intern_set(state->reason_index, report->reason_sets, report->reasons,
					state->reasons);
	g_array_append_val(report->records, *record);
}

static void
end_auth(struct dmarc_state *state)
{
	if (state->auths->len < DKIM_MAX)
		g_array_append_val(state->auths, state->auth);
	else
		document_warn(state->document, "too-many-signatures", "");
}

void
dmarc_group_begin(struct dmarc_state *state, enum dmarc_group group)
{
	switch (group) {
	case GROUP_METADATA:
		state->has_metadata = TRUE;
		break;
	case GROUP_RECORD:
		memset(&state->record, 0, sizeof(state->record));
		state->has_count = FALSE;
		state->seen = 0;
		g_array_set_size(state->auths, 0);
		g_array_set_size(state->reasons, 0);
		break;
	case GROUP_DKIM:
	case GROUP_SPF:
		state->auth = (struct auth_result){
			.kind = group == GROUP_DKIM ? AUTH_DKIM : AUTH_SPF,
		};
		break;
	case GROUP_REASON:
		state->reason = (struct reason){ 0, 0 };
		break;
	case GROUP_NONE:
	case GROUP_FEEDBACK:
	case GROUP_DATE_RANGE:
	case GROUP_POLICY:
	case GROUP_ROW:
	case GROUP_EVALUATED:
	case GROUP_IDENTIFIERS:
	case GROUP_AUTH:
	case N_GROUPS:
	default:
		break;
	}
}

void
dmarc_group_end(struct dmarc_state *state, enum dmarc_group group)
{
	if (group == GROUP_RECORD)
		end_record(state);
	else if (group == GROUP_DKIM || group == GROUP_SPF)
		end_auth(state);
	else if (group == GROUP_REASON)
		g_array_append_val(state->reasons, state->reason);
}

void
dmarc_state_init(struct dmarc_state *state)
{
	memset(state, 0, sizeof(*state));
	state->auths = g_array_new(FALSE, FALSE, sizeof(struct auth_result));
	state->reasons = g_array_new(FALSE, FALSE, sizeof(struct reason));
	state->name_index = g_hash_table_new(g_str_hash, g_str_equal);
	state->auth_index = g_hash_table_new_full(g_bytes_hash, g_bytes_equal,
						  (GDestroyNotify)g_bytes_unref, NULL);
	state->reason_index = g_hash_table_new_full(g_bytes_hash, g_bytes_equal,
						    (GDestroyNotify)g_bytes_unref, NULL);
	state->clean = g_string_sized_new(TEXT_LEN_MAX);
}

void
dmarc_state_clear(struct dmarc_state *state)
{
	g_clear_pointer(&state->document, document_free);
	g_array_unref(state->auths);
	g_array_unref(state->reasons);
	g_hash_table_unref(state->name_index);
	g_hash_table_unref(state->auth_index);
	g_hash_table_unref(state->reason_index);
	g_string_free(state->clean, TRUE);
}

void
dmarc_state_start(struct dmarc_state *state)
{
	g_hash_table_remove_all(state->name_index);
	g_hash_table_remove_all(state->auth_index);
	g_hash_table_remove_all(state->reason_index);
	g_clear_pointer(&state->document, document_free);
	state->document = document_new(DOCUMENT_AGGREGATE);
	g_hash_table_insert(state->name_index, g_ptr_array_index(state->document->report.names, 0),
			    GUINT_TO_POINTER(1));
	memset(state->last_names, 0, sizeof(state->last_names));
	state->seen_in_head = 0;
	state->has_metadata = state->has_begin = state->has_end = FALSE;
	state->is_over_max_records = FALSE;
}
