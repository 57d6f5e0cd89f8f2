/* SPDX-License-Identifier: MIT */
#include "ingest/prose.h"

#include <string.h>

#include "ingest/arf.h"
#include "ingest/original.h"

#define RECIPIENT_FIELD "x-hmxmroriginalrecipient"

static const char subject_start[] = "complaint about message from ";

static struct document *
make(const struct fields *original, const char *form)
{
	struct document *document = document_new(DOCUMENT_COMPLAINT);
	struct feedback *feedback = &document->feedback;
	const char *recipient = fields_get(original, RECIPIENT_FIELD);
	g_autofree char *bare = arf_bare_address(recipient);

	feedback->feedback_type = "abuse";
	if (*bare)
		g_ptr_array_add(feedback->original_rcpt_to, document_string(document, bare));
	document_warn(document, "complaint-without-arf", form);
	original_to_feedback(document, original);
	return document;
}

/* Masked addresses ("192.0.2.xxx") are no addresses. */
static struct document *
read_enclosed(const struct mime_mail *mail, const char *subject)
{
	struct document *document =
		make(mail->original, "the complaint is the subject of a mail that encloses it");

	arf_set_source(document, subject + strlen(subject_start));
	return document;
}

struct document *
complaint_text_read(const struct mime_mail *mail)
{
	const char *subject = fields_get(mail->head, "subject");

	if (mail->original &&
	    g_ascii_strncasecmp(subject, subject_start, strlen(subject_start)) == 0)
		return read_enclosed(mail, subject);
	/* The older form: the mail itself is sent on, marked by a field that Hotmail adds. */
	if (*fields_get(mail->head, RECIPIENT_FIELD))
		return make(mail->head, "the mail itself was sent on by the feedback loop");
	return NULL;
}
