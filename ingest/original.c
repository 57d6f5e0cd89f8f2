/* SPDX-License-Identifier: MIT */
#include "ingest/original.h"

#include <string.h>

#include "ingest/mime_words.h"

static const char *
decoded(struct document *document, const struct fields *original, const char *name)
{
	g_autofree char *text = mime_decode_words(fields_get(original, name));

	return document_string(document, text);
}

static const char *
verbatim(struct document *document, const struct fields *original, const char *name)
{
	return document_string(document, fields_get(original, name));
}

/* "Name: value" lines. A report may be about a mail with megabytes of them. */
static const char *
headers_of(struct document *document, const struct fields *original)
{
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; i < original->list->len; i++) {
		const struct field *field = &g_array_index(original->list, struct field, i);
		if (text->len + strlen(field->label) + strlen(field->value) >
		    FEEDBACK_HEADERS_MAX) {
			document_warn(document, "headers-cut",
				      "the reported message has more header fields than are kept");
			break;
		}
		g_string_append_printf(text, "%s: %s\n", field->label, field->value);
	}
	return document_string(document, text->str);
}

void
original_to_feedback(struct document *document, const struct fields *original)
{
	struct feedback *feedback = &document->feedback;

	if (!original)
		return;
	feedback->original_present = TRUE;
	feedback->original_from = decoded(document, original, "from");
	feedback->original_subject = decoded(document, original, "subject");
	feedback->original_message_id = verbatim(document, original, "message-id");
	feedback->original_date = verbatim(document, original, "date");
	feedback->original_headers = headers_of(document, original);
}

void
original_to_bounce(struct document *document, const struct fields *original)
{
	struct bounce *bounce = &document->bounce;

	if (!original)
		return;
	bounce->original_present = TRUE;
	bounce->original_from = decoded(document, original, "from");
	bounce->original_message_id = verbatim(document, original, "message-id");
}
