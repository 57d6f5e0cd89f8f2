/* SPDX-License-Identifier: MIT */
#include "ingest/prose.h"

#include <string.h>

#include "ingest/mime_words.h"
#include "ingest/original.h"

/* Signs add up; a mail with less is no bounce. One that says it is an answer of a person's mail
 * program needs a sign that no such program gives. */
#define ENOUGH 2

#define HINTS_MAX 20

struct sign {
	const char *text; /* lower case */
	int weight;
};

static const struct sign senders[] = {
	{ "mailer-daemon", 2 }, { "mailer_daemon", 2 },
	{ "mail delivery", 2 }, { "mail deliver system", 2 },
	{ "postmaster", 1 },    { "poostmaster", 1 },
	{ "bounce", 1 },
};

static const struct sign subjects[] = {
	{ "undeliver", 1 },          { "delivery status notification", 1 },
	{ "failure notice", 1 },     { "mail delivery failed", 1 },
	{ "delivery failure", 1 },   { "delivery failed", 1 },
	{ "delivery problem", 1 },   { "delivery error", 1 },
	{ "returned mail", 1 },      { "returning message to sender", 1 },
	{ "returned to sender", 1 }, { "returning to sender", 1 },
	{ "mail failure", 1 },       { "non remis", 1 },
	{ "unzustellbar", 1 },       { "bounce", 1 },
};

static const struct sign phrases[] = {
	{ "could not be delivered", 1 },
	{ "cannot be delivered", 1 },
	{ "couldn't be delivered", 1 },
	{ "was not delivered", 1 },
	{ "could not deliver", 1 },
	{ "unable to deliver", 1 },
	{ "wasn't able to deliver", 1 },
	{ "undeliverable", 1 },
	{ "did not reach the following recipient", 1 },
	{ "no valid recipients", 1 },
	{ "delivery to the following recipient", 1 },
	{ "delivery attempts", 1 },
	{ "permanent error", 1 },
	{ "permanent fatal errors", 1 },
	{ "user unknown", 1 },
	{ "\"notificationtype\":\"bounce\"", 2 }, /* Amazon SES, bare or inside SNS */
	{ "\\\"notificationtype\\\":\\\"bounce\\\"", 2 },
};

#define WEIGH(text, signs) weigh(text, signs, G_N_ELEMENTS(signs))

static int
weigh(const char *text, const struct sign *signs, gsize n)
{
	int most = 0;

	for (gsize i = 0; i < n; i++)
		if (signs[i].weight > most && strstr(text, signs[i].text))
			most = signs[i].weight;
	return most;
}

static int
weigh_field(const struct mime_mail *mail, const char *name, const struct sign *signs, gsize n)
{
	g_autofree char *value = mime_decode_words(fields_get(mail->head, name));
	g_autofree char *lower = g_utf8_strdown(value, -1);

	return weigh(lower, signs, n);
}

/* Bounces have no return path (RFC 3464 section 2), or one that says the same in words. */
static int
weigh_return_path(const struct mime_mail *mail)
{
	g_autofree char *path = g_ascii_strdown(fields_get(mail->head, "return-path"), -1);

	return g_str_equal(path, "<>") || g_str_has_prefix(path, "<mailer-daemon") ? 1 : 0;
}

/* The text with runs of white space as one blank, since lines break anywhere. */
static char *
flat_text(const struct mime_mail *mail)
{
	if (!mail->text)
		return g_strdup("");
	GString *flat = g_string_sized_new(mail->text->len);
	for (guint i = 0; i < mail->text->len; i++) {
		char c = (char)mail->text->data[i];
		if (!g_ascii_isspace(c) && c != '\0')
			g_string_append_c(flat, g_ascii_tolower(c));
		else if (flat->len > 0 && flat->str[flat->len - 1] != ' ')
			g_string_append_c(flat, ' ');
	}
	return g_string_free(flat, FALSE);
}

static int
weigh_header(const struct mime_mail *mail)
{
	int weight = 0;

	if (*fields_get(mail->head, "x-failed-recipients") ||
	    g_str_equal(mail->report_type, "delivery-status"))
		weight += ENOUGH;
	weight += weigh_field(mail, "from", senders, G_N_ELEMENTS(senders));
	weight += weigh_field(mail, "subject", subjects, G_N_ELEMENTS(subjects));
	return weight + weigh_return_path(mail);
}

gboolean
bounce_text_is_likely(const struct mime_mail *mail)
{
	return weigh_header(mail) >= ENOUGH;
}

static gboolean
is_bounce(const struct mime_mail *mail, const char *text)
{
	int phrase = WEIGH(text, phrases);

	return weigh_header(mail) + phrase + (phrase > 0 && mail->original) >= ENOUGH;
}

/* ---- what the text hints at ---- */

static void
add_hint(struct document *document, GPtrArray *hints, const char *hint)
{
	for (guint i = 0; i < hints->len; i++)
		if (g_str_equal(g_ptr_array_index(hints, i), hint))
			return;
	if (hints->len < HINTS_MAX)
		g_ptr_array_add(hints, document_string(document, hint));
}

static void
add_matches(struct document *document, GPtrArray *hints, const char *pattern, const char *text)
{
	g_autoptr(GRegex) regex = g_regex_new(pattern, G_REGEX_RAW, G_REGEX_MATCH_NOTEMPTY, NULL);
	g_autoptr(GMatchInfo) match = NULL;

	g_assert(regex);
	g_regex_match(regex, text, 0, &match);
	while (g_match_info_matches(match) && hints->len < HINTS_MAX) {
		g_autofree char *hint = g_match_info_fetch(match, 1);
		add_hint(document, hints, hint);
		g_match_info_next(match, NULL);
	}
}

static void
add_hints(struct document *document, const struct mime_mail *mail, const char *text)
{
	struct bounce *bounce = &document->bounce;
	g_auto(GStrv) failed =
		g_strsplit(fields_get(mail->head, "x-failed-recipients"), ",", HINTS_MAX);

	for (gsize i = 0; failed[i]; i++)
		if (*g_strstrip(failed[i]))
			add_hint(document, bounce->hint_recipients, failed[i]);
	if (bounce->hint_recipients->len == 0)
		add_matches(document, bounce->hint_recipients,
			    "<([!#-;=?A-Z^-~]{1,64}@[a-z0-9.-]{1,253})>", text);
	add_matches(document, bounce->hint_status, "\\b([45]\\.\\d{1,3}\\.\\d{1,3})\\b(?!\\.\\d)",
		    text);
}

struct document *
bounce_text_read(const struct mime_mail *mail)
{
	g_autofree char *text = flat_text(mail);

	if (!is_bounce(mail, text))
		return NULL;
	struct document *document = document_new(DOCUMENT_BOUNCE);
	g_autofree char *subject = mime_decode_words(fields_get(mail->head, "subject"));
	document->bounce.subject = document_string(document, subject);
	document_warn(document, "bounce-in-prose",
		      "a bounce without the part that machines read; what it says of recipients "
		      "is a guess");
	add_hints(document, mail, text);
	original_to_bounce(document, mail->original);
	return document;
}
