/* SPDX-License-Identifier: MIT */
#include "ingest/mime_survey.h"

#include <string.h>

#include "core/error.h"

/* gmime spends some 500 bytes on the shortest header line, so each counts as so many at least. */
#define HEADER_LINE_COST 16

/* Lines that begin like a boundary, for each part that is allowed. */
#define DASH_LINES_A_PART 20

gboolean
mime_set_limit(GError **error, const char *what, const char *limit, gsize value)
{
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_LIMIT, "%s over %s (%" G_GSIZE_FORMAT ")",
		    what, limit, value);
	return FALSE;
}

/* What header blocks and boundaries would cost gmime, without building anything. */
struct survey {
	gsize block; /* bytes of the header block that is open */
	gsize all;
	gsize n_dash_lines;
	gboolean is_header;
	gboolean was_blank; /* the line before ended a header block */
};

static gboolean
looks_like_field(const char *line, gsize len)
{
	gsize i = 0;

	while (i < len && (guchar)line[i] > ' ' && line[i] != ':' && line[i] != '<')
		i++;
	return i > 0 && i < len && line[i] == ':';
}

/* A header block stands at the beginning, after a boundary, and after a block (message/rfc822). */
static void
survey_line(struct survey *s, const char *line, gsize len)
{
	gboolean is_blank = len == 0 || (len == 1 && *line == '\r');

	if (len >= 2 && line[0] == '-' && line[1] == '-') {
		s->n_dash_lines++;
		s->is_header = TRUE;
		s->block = 0;
	} else if (is_blank) {
		s->was_blank = s->is_header;
		s->is_header = FALSE;
	} else if (s->was_blank) {
		s->was_blank = FALSE;
		s->is_header = looks_like_field(line, len);
		s->block = 0;
	}
	if (s->is_header) {
		gsize cost = MAX(len, HEADER_LINE_COST);
		s->block += cost;
		s->all += cost;
	}
}

gboolean
mime_survey(const struct parse_limits *limits, const guint8 *bytes, gsize len, GError **error)
{
	const char *mail = (const char *)bytes;
	struct survey s = { .is_header = TRUE };
	const char *end = len > 0 ? mail + len : mail;

	if (len > limits->mail_bytes)
		return mime_set_limit(error, "mail is", "max_mail_bytes", limits->mail_bytes);
	while (mail < end) {
		const char *next = memchr(mail, '\n', (gsize)(end - mail));
		if (!next)
			next = end;
		survey_line(&s, mail, (gsize)(next - mail));
		if (s.block > limits->header_bytes || s.all > 2 * limits->header_bytes)
			return mime_set_limit(error, "mail has headers", "max_header_bytes",
					      limits->header_bytes);
		if (s.n_dash_lines > (gsize)limits->parts * DASH_LINES_A_PART)
			return mime_set_limit(error, "number of parts is", "max_parts",
					      limits->parts);
		mail = next + 1;
	}
	return TRUE;
}
