/* SPDX-License-Identifier: MIT */
#include "ingest/dsn.h"

#include <string.h>

#include "core/text.h"
#include "ingest/arf.h"
#include "ingest/mime_words.h"
#include "ingest/original.h"

#define STATUS_LEN_MAX 16

/* "rfc822; a@example" without its type and <>. */
static const char *
untyped(struct document *document, const char *value)
{
	const char *semicolon = strchr(value, ';');
	g_autofree char *text = g_strdup(semicolon ? semicolon + 1 : value);
	g_autofree char *bare = arf_bare_address(g_strstrip(text));

	return document_string(document, bare);
}

static const char *
first_word(struct document *document, const char *value)
{
	g_autofree char *word = g_strndup(value, strcspn(value, " \t(;"));
	g_autofree char *lower = g_ascii_strdown(word, -1);

	return document_string(document, lower);
}

/* class.subject.detail of RFC 3463 somewhere in value, "" for none. */
static const char *
find_status(struct document *document, const char *value)
{
	for (const char *at = value; *at; at++) {
		gsize len = strspn(at, "0123456789.");
		const char *dot = len > 0 ? memchr(at, '.', len) : NULL;
		if (dot == at + 1 && strchr("245", *at) && len >= 5 && len < STATUS_LEN_MAX &&
		    memchr(dot + 1, '.', len - 2) && g_ascii_isdigit(at[len - 1])) {
			g_autofree char *status = g_strndup(at, len);
			return document_string(document, status);
		}
		if (len > 0)
			at += len - 1;
	}
	return "";
}

static void
set_once(const char **member, const char *value)
{
	if (!**member)
		*member = value;
}

/* FALSE: no field that is said of a recipient. */
static gboolean
take_recipient_field(struct document *document, struct bounce_recipient *r,
		     const struct field *field)
{
	if (g_str_equal(field->name, "final-recipient"))
		set_once(&r->final_recipient, untyped(document, field->value));
	else if (g_str_equal(field->name, "original-recipient"))
		set_once(&r->original_recipient, untyped(document, field->value));
	else if (g_str_equal(field->name, "action"))
		set_once(&r->action, first_word(document, field->value));
	else if (g_str_equal(field->name, "status"))
		set_once(&r->status, find_status(document, field->value));
	else if (g_str_equal(field->name, "diagnostic-code"))
		set_once(&r->diagnostic, document_string(document, field->value));
	else if (g_str_equal(field->name, "remote-mta"))
		set_once(&r->remote_mta, untyped(document, field->value));
	else
		return FALSE;
	return TRUE;
}

static void
take_message_field(struct document *document, const struct field *field)
{
	struct bounce *bounce = &document->bounce;

	if (g_str_equal(field->name, "reporting-mta"))
		set_once(&bounce->reporting_mta, untyped(document, field->value));
	else if (g_str_equal(field->name, "arrival-date") && !*bounce->arrival_date) {
		bounce->arrival_date = document_string(document, field->value);
		bounce->arrived_at.is_known =
			mime_read_date(field->value, &bounce->arrived_at.value);
	}
}

static void
check_recipient(struct document *document, const struct bounce_recipient *r)
{
	if (!*r->final_recipient)
		document_warn(document, "final-recipient-missing", r->original_recipient);
	if (!*r->action)
		document_warn(document, "action-missing", r->final_recipient);
	if (!*r->status)
		document_warn(document, "status-missing", r->final_recipient);
}

/*
 * One block. The first one is about the message; a recipient glued to it (McAfee and others forget
 * the empty line) is one all the same.
 */
static void
take_block(struct document *document, const struct fields *fields, gboolean is_first)
{
	struct bounce *bounce = &document->bounce;
	struct bounce_recipient recipient = { "", "", "", "", "", "" };
	gboolean is_recipient = FALSE;

	for (guint i = 0; i < fields->list->len; i++) {
		const struct field *field = &g_array_index(fields->list, struct field, i);
		if (take_recipient_field(document, &recipient, field))
			is_recipient = TRUE;
		else
			take_message_field(document, field);
	}
	if (!is_recipient)
		return;
	if (bounce->recipients->len >= BOUNCE_RECIPIENTS_MAX) {
		document_warn(document, "list-cut", "recipients");
		return;
	}
	if (is_first)
		document_warn(document, "recipient-in-first-block", "");
	check_recipient(document, &recipient);
	g_array_append_val(bounce->recipients, recipient);
}

struct document *
dsn_read(const struct mime_mail *mail, GError **error)
{
	(void)error;
	struct document *document = document_new(DOCUMENT_BOUNCE);
	struct bounce *bounce = &document->bounce;
	g_autofree char *subject = mime_decode_words(fields_get(mail->head, "subject"));
	gboolean is_first = TRUE;
	gsize at = 0;

	bounce->structured = TRUE;
	bounce->subject = document_string(document, subject);
	while (mail->report && at < mail->report->len) {
		g_autoptr(fields_auto) fields = fields_new();
		at += fields_read(fields, mail->report->data + at, mail->report->len - at);
		take_block(document, fields, is_first);
		is_first = is_first && fields->list->len == 0;
	}
	if (bounce->recipients->len == 0)
		document_warn(document, "no-recipients", "no recipient is named");
	original_to_bounce(document, mail->original);
	return document;
}
