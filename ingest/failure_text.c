/* SPDX-License-Identifier: MIT */
#include "ingest/prose.h"

#include <string.h>

#include "core/text.h"
#include "ingest/arf.h"
#include "ingest/original.h"

/* What the reporter did, and how RFC 6591 section 3.2.2 calls that. */
static const char *const results[][2] = {
	{ "accept", "delivered" },
	{ "reject", "reject" },
	{ "quarantine", "spam" },
	{ "spam", "spam" },
};

static const char *
find_result(const char *text)
{
	g_autofree char *lower = g_ascii_strdown(text, -1);

	for (gsize i = 0; i < G_N_ELEMENTS(results); i++)
		if (strstr(lower, results[i][0]))
			return results[i][1];
	return "";
}

/* The value of "  Label: value", whose label the mail writes in any case. "" for none. */
static const char *
labelled(const struct fields *labels, const char *label)
{
	return fields_get(labels, label);
}

/* Labels have blanks in them, which field names have not. */
static struct fields *
read_labels(const char *text, gsize len)
{
	struct fields *labels = fields_new();
	const char *end = text + len;

	while (text < end) {
		const char *feed = memchr(text, '\n', (gsize)(end - text));
		const char *line_end = feed ? feed : end;
		const char *colon = memchr(text, ':', (gsize)(line_end - text));
		if (colon) {
			g_autofree char *name = g_strndup(text, (gsize)(colon - text));
			fields_add(labels, g_strstrip(name), colon + 1,
				   (gsize)(line_end - colon - 1));
		}
		text = line_end + 1;
	}
	return labels;
}

/* The header of the failed message follows a line of dashes that announces a copy of it. */
static struct fields *
read_copy(const char *text, gsize len)
{
	static const char announcement[] = "This is a copy of the";
	const char *line = memmem(text, len, announcement, strlen(announcement));
	const char *feed = line ? memchr(line, '\n', len - (gsize)(line - text)) : NULL;

	if (!feed)
		return NULL;
	struct fields *copy = fields_new();
	fields_read(copy, (const guint8 *)feed + 1, len - (gsize)(feed + 1 - text));
	return copy;
}

static void
fill(struct document *document, const struct fields *labels)
{
	struct feedback *feedback = &document->feedback;
	g_autoptr(GString) domain = g_string_new(labelled(labels, "sender domain"));

	text_fold_domain(domain);
	feedback->feedback_type = "auth-failure";
	feedback->auth_failure = "dmarc";
	feedback->delivery_result = find_result(labelled(labels, "dmarc results"));
	g_ptr_array_add(feedback->reported_domain, document_string(document, domain->str));
	arf_set_source(document, labelled(labels, "sender ip address"));
	arf_set_arrival(document, labelled(labels, "received date"));
}

struct document *
failure_text_read(const struct mime_mail *mail)
{
	if (!mail->text || mail->text->len == 0)
		return NULL;
	const char *text = (const char *)mail->text->data;
	g_autoptr(fields_auto) labels = read_labels(text, mail->text->len);
	if (!*labelled(labels, "sender domain") || !*labelled(labels, "sender ip address"))
		return NULL;
	g_autoptr(fields_auto) copy = read_copy(text, mail->text->len);
	struct document *document = document_new(DOCUMENT_FAILURE);
	fill(document, labels);
	document_warn(document, "failure-in-prose",
		      "a failure report without the part that machines read");
	original_to_feedback(document, copy ? copy : mail->original);
	return document;
}
