/* SPDX-License-Identifier: MIT */
#include "ingest/arf.h"

#include <string.h>

#include "core/error.h"
#include "core/text.h"
#include "ingest/mime_words.h"
#include "ingest/original.h"

#define INCIDENTS_MAX G_MAXUINT32 /* RFC 5965 section 3.2: 32 bits */

/* How a value is taken over. */
enum taking {
	TAKE_TEXT,  /* as it stands */
	TAKE_WORD,  /* its first word, lower case: a comment may follow */
	TAKE_PATH,  /* an address without <> */
	TAKE_TEXTS, /* one more entry of a list */
	TAKE_PATHS,
	TAKE_DOMAINS,
};

struct row {
	const char *name;
	enum taking taking;
	gsize offset;
};

#define IN(member) G_STRUCT_OFFSET(struct feedback, member)

static const struct row rows[] = {
	{ "feedback-type", TAKE_WORD, IN(feedback_type) },
	{ "user-agent", TAKE_TEXT, IN(user_agent) },
	{ "version", TAKE_TEXT, IN(version) },
	{ "auth-failure", TAKE_WORD, IN(auth_failure) },
	{ "delivery-result", TAKE_WORD, IN(delivery_result) },
	{ "identity-alignment", TAKE_TEXT, IN(identity_alignment) },
	{ "original-mail-from", TAKE_PATH, IN(original_mail_from) },
	{ "original-rcpt-to", TAKE_PATHS, IN(original_rcpt_to) },
	{ "original-envelope-id", TAKE_TEXT, IN(original_envelope_id) },
	{ "reporting-mta", TAKE_TEXT, IN(reporting_mta) },
	{ "reported-domain", TAKE_DOMAINS, IN(reported_domain) },
	{ "reported-uri", TAKE_TEXTS, IN(reported_uri) },
	{ "dkim-domain", TAKE_TEXT, IN(dkim_domain) },
	{ "dkim-identity", TAKE_TEXT, IN(dkim_identity) },
	{ "dkim-selector", TAKE_TEXT, IN(dkim_selector) },
	{ "authentication-results", TAKE_TEXTS, IN(authentication_results) },
	{ "spf-dns", TAKE_TEXTS, IN(spf_dns) },
};

/* The types of RFC 5965, RFC 6430, RFC 6591 and of older drafts. */
static const char *const known_types[] = {
	"abuse",        "fraud",   "virus",        "other",          "not-spam",
	"auth-failure", "opt-out", "opt-out-list", "miscategorized", "xarf",
};

char *
arf_bare_address(const char *text)
{
	const char *open = strchr(text, '<');
	const char *close = open ? strchr(open, '>') : NULL;

	return close ? g_strndup(open + 1, (gsize)(close - open - 1)) : g_strdup(text);
}

void
arf_set_source(struct document *document, const char *text)
{
	static const char ipv6[] = "IPv6:";
	struct feedback *feedback = &document->feedback;
	g_autofree char *word = g_strndup(text, strcspn(text, " \t("));
	const char *address = word;

	if (!*text)
		return;
	if (*address == '[') {
		address++;
		word[strcspn(word, "]")] = '\0';
	}
	if (g_ascii_strncasecmp(address, ipv6, strlen(ipv6)) == 0)
		address += strlen(ipv6);
	if (ip_parse(address, &feedback->source_ip))
		return;
	feedback->source_text = document_string(document, text);
	document_warn(document, "source-ip-unreadable", text);
}

void
arf_set_arrival(struct document *document, const char *text)
{
	struct feedback *feedback = &document->feedback;

	if (*feedback->arrival_date || !*text)
		return;
	feedback->arrival_date = document_string(document, text);
	feedback->arrived_at.is_known = mime_read_date(text, &feedback->arrived_at.value);
	if (!feedback->arrived_at.is_known)
		document_warn(document, "arrival-date-unreadable", text);
}

static gboolean
read_number(const char *text, gint64 max, gint64 *ret_number)
{
	guint64 number;

	if (!g_ascii_string_to_unsigned(text, 10, 0, (guint64)max, &number, NULL))
		return FALSE;
	*ret_number = (gint64)number;
	return TRUE;
}

static void
set_number(struct document *document, struct number *number, const struct field *field, gint64 max)
{
	if (read_number(field->value, max, &number->value)) {
		number->is_known = TRUE;
		return;
	}
	g_autofree char *text = g_strdup_printf("%s: %s", field->name, field->value);
	document_warn(document, "number-unreadable", text);
}

static char *
taken(const char *value, enum taking taking)
{
	if (taking == TAKE_WORD) {
		g_autofree char *word = g_strndup(value, strcspn(value, " \t(;"));
		return g_ascii_strdown(word, -1);
	}
	if (taking == TAKE_PATH || taking == TAKE_PATHS)
		return arf_bare_address(value);
	if (taking == TAKE_DOMAINS) {
		GString *domain = g_string_new(value);
		text_fold_domain(domain);
		return g_string_free(domain, FALSE);
	}
	return g_strdup(value);
}

static void
take_row(struct document *document, const struct row *row, const struct field *field)
{
	gpointer at = G_STRUCT_MEMBER_P(&document->feedback, row->offset);
	g_autofree char *text = taken(field->value, row->taking);

	if (!*text)
		return;
	if (row->taking < TAKE_TEXTS) {
		const char **member = at;
		if (!**member)
			*member = document_string(document, text);
		return;
	}
	GPtrArray *list = *(GPtrArray **)at;
	if (list->len < FEEDBACK_LIST_MAX)
		g_ptr_array_add(list, document_string(document, text));
	else
		document_warn(document, "list-cut", field->name);
}

static void
take_field(struct document *document, const struct field *field)
{
	struct feedback *feedback = &document->feedback;

	if (g_str_equal(field->name, "source-ip"))
		arf_set_source(document, field->value);
	else if (g_str_equal(field->name, "arrival-date") ||
		 g_str_equal(field->name, "received-date"))
		arf_set_arrival(document, field->value);
	else if (g_str_equal(field->name, "incidents"))
		set_number(document, &feedback->incidents, field, INCIDENTS_MAX);
	else if (g_str_equal(field->name, "source-port"))
		set_number(document, &feedback->source_port, field, G_MAXUINT16);
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		if (g_str_equal(field->name, rows[i].name))
			take_row(document, &rows[i], field);
}

static gboolean
is_known_type(const char *type)
{
	for (gsize i = 0; i < G_N_ELEMENTS(known_types); i++)
		if (g_str_equal(type, known_types[i]))
			return TRUE;
	return FALSE;
}

/* A report without a type is what its other fields make it. */
static void
settle_type(struct document *document)
{
	struct feedback *feedback = &document->feedback;

	if (!*feedback->feedback_type) {
		feedback->feedback_type = *feedback->auth_failure ? "auth-failure" : "other";
		document_warn(document, "feedback-type-missing", "");
	} else if (!is_known_type(feedback->feedback_type)) {
		document_warn(document, "feedback-type-unknown", feedback->feedback_type);
	}
	if (feedback_is_failure(feedback))
		document->kind = DOCUMENT_FAILURE;
	if (document->kind == DOCUMENT_FAILURE && !*feedback->auth_failure)
		document_warn(document, "auth-failure-missing", "");
	if (document->kind == DOCUMENT_FAILURE && !feedback->original_present)
		document_warn(document, "original-missing", "the failed message is not enclosed");
}

struct document *
arf_read(const struct mime_mail *mail, GError **error)
{
	g_autoptr(fields_auto) fields = fields_new();
	g_autoptr(document_auto) document = document_new(DOCUMENT_COMPLAINT);
	gsize at = 0;

	/* Some put an empty line between the fields. */
	while (mail->report && at < mail->report->len)
		at += fields_read(fields, mail->report->data + at, mail->report->len - at);
	if (fields->list->len == 0) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
			    "message/feedback-report without a field");
		return NULL;
	}
	for (guint i = 0; i < fields->list->len; i++)
		take_field(document, &g_array_index(fields->list, struct field, i));
	original_to_feedback(document, mail->original);
	settle_type(document);
	return g_steal_pointer(&document);
}
