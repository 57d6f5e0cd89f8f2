/* SPDX-License-Identifier: MIT */
#include "ingest/mime.h"

#include <string.h>

#include <gmime/gmime.h>

#include "core/error.h"
#include "core/text.h"

/* gmime spends some 500 bytes on the shortest header line, so each counts as so many at least. */
#define HEADER_LINE_COST 16

/* Lines that begin like a boundary, for each part that is allowed. */
#define DASH_LINES_A_PART 20

static const char *const returning_types[] = {
	"message/feedback-report",
	"message/delivery-status",
	"message/global-delivery-status",
};

static gboolean walk_object(struct mime_walk *walk, GMimeObject *object, GError **error);

static gboolean
set_limit(GError **error, const char *what, const char *limit, gsize value)
{
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_LIMIT, "%s over %s (%" G_GSIZE_FORMAT ")",
		    what, limit, value);
	return FALSE;
}

/* ---- before gmime sees it ---- */

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

static gboolean
survey_mail(const struct parse_limits *limits, const char *mail, gsize len, GError **error)
{
	struct survey s = { .is_header = TRUE };
	const char *end = len > 0 ? mail + len : mail;

	if (len > limits->mail_bytes)
		return set_limit(error, "mail is", "max_mail_bytes", limits->mail_bytes);
	while (mail < end) {
		const char *next = memchr(mail, '\n', (gsize)(end - mail));
		if (!next)
			next = end;
		survey_line(&s, mail, (gsize)(next - mail));
		if (s.block > limits->header_bytes || s.all > 2 * limits->header_bytes)
			return set_limit(error, "mail has headers", "max_header_bytes",
					 limits->header_bytes);
		if (s.n_dash_lines > (gsize)limits->parts * DASH_LINES_A_PART)
			return set_limit(error, "number of parts is", "max_parts", limits->parts);
		mail = next + 1;
	}
	return TRUE;
}

/* ---- leaf parts ---- */

/* The bytes of a part as they stand in the mail. The stream is a window on the mail in memory. */
static void
peek_encoded(GMimeDataWrapper *content, const guint8 **ret_bytes, gsize *ret_len)
{
	GMimeStream *stream = g_mime_data_wrapper_get_stream(content);
	const GByteArray *buffer = GMIME_STREAM_MEM(stream)->buffer;

	*ret_bytes = buffer->data + stream->bound_start;
	*ret_len = (gsize)g_mime_stream_length(stream);
}

/*
 * Decode what has an encoding. "===" at the end of base64 completes a last group whose padding was
 * left out, and adds nothing to one that is whole.
 */
static GByteArray *
decode(const guint8 *bytes, gsize len, GMimeContentEncoding encoding)
{
	static const char padding[] = "===";
	GMimeEncoding decoder;
	GByteArray *out = g_byte_array_new();

	g_mime_encoding_init_decode(&decoder, encoding);
	g_byte_array_set_size(out, (guint)g_mime_encoding_outlen(&decoder, len + 3));
	gsize n = g_mime_encoding_step(&decoder, (const char *)bytes, len, (char *)out->data);
	if (encoding == GMIME_CONTENT_ENCODING_BASE64)
		n += g_mime_encoding_step(&decoder, padding, strlen(padding),
					  (char *)out->data + n);
	g_byte_array_set_size(out, (guint)n);
	return out;
}

static gboolean
is_encoded(GMimeContentEncoding encoding)
{
	return encoding == GMIME_CONTENT_ENCODING_BASE64 ||
	       encoding == GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE ||
	       encoding == GMIME_CONTENT_ENCODING_UUENCODE;
}

static char *
part_type(GMimeObject *object)
{
	GMimeContentType *type = g_mime_object_get_content_type(object);
	g_autofree char *text = g_mime_content_type_get_mime_type(type);

	return g_ascii_strdown(text, -1);
}

static gboolean
walk_leaf(struct mime_walk *walk, GMimePart *object, GError **error)
{
	g_autofree char *type = part_type(GMIME_OBJECT(object));
	g_autoptr(GString) name = g_string_new(NULL);
	g_autoptr(GByteArray) decoded = NULL;
	GMimeDataWrapper *content = g_mime_part_get_content(object);
	GMimeContentEncoding encoding = g_mime_part_get_content_encoding(object);
	const char *raw_name = g_mime_part_get_filename(object);
	struct mime_part part = { .type = type, .bytes = (const guint8 *)"" };

	if (++walk->n_parts > walk->limits->parts)
		return set_limit(error, "number of parts is", "max_parts", walk->limits->parts);
	if (raw_name)
		text_clean(raw_name, strlen(raw_name), name);
	if (content)
		peek_encoded(content, &part.bytes, &part.len);
	if (is_encoded(encoding) && part.len > 0) {
		decoded = decode(part.bytes, part.len, encoding);
		part.bytes = decoded->len > 0 ? decoded->data : (const guint8 *)"";
		part.len = decoded->len;
	}
	part.number = walk->n_parts;
	part.name = name->str;
	walk->on_part(walk->cookie, &part);
	return TRUE;
}

/* ---- the tree ---- */

static const char *
find_returning_type(GMimeMultipart *multipart)
{
	for (int i = 0; i < g_mime_multipart_get_count(multipart); i++) {
		g_autofree char *type = part_type(g_mime_multipart_get_part(multipart, i));
		for (gsize k = 0; k < G_N_ELEMENTS(returning_types); k++)
			if (g_str_equal(type, returning_types[k]))
				return returning_types[k];
	}
	return NULL;
}

static gboolean
walk_multipart(struct mime_walk *walk, GMimeMultipart *multipart, GError **error)
{
	const char *returning = find_returning_type(multipart);

	if (returning) {
		walk->on_returned(walk->cookie, returning);
		return TRUE;
	}
	if (g_mime_multipart_get_count(multipart) == 0) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
			    "multipart mail without a part: its boundary does not occur");
		return FALSE;
	}
	for (int i = 0; i < g_mime_multipart_get_count(multipart); i++)
		if (!walk_object(walk, g_mime_multipart_get_part(multipart, i), error))
			return FALSE;
	return TRUE;
}

static gboolean
walk_object(struct mime_walk *walk, GMimeObject *object, GError **error)
{
	gboolean is_good = TRUE;

	if (walk->depth >= walk->limits->mime_depth)
		return set_limit(error, "MIME nesting is", "max_mime_depth",
				 walk->limits->mime_depth);
	walk->depth++;
	if (GMIME_IS_MULTIPART(object)) {
		is_good = walk_multipart(walk, GMIME_MULTIPART(object), error);
	} else if (GMIME_IS_MESSAGE_PART(object)) {
		GMimeMessage *inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
		GMimeObject *root = inner ? g_mime_message_get_mime_part(inner) : NULL;
		is_good = !root || walk_object(walk, root, error);
	} else if (GMIME_IS_PART(object)) {
		is_good = walk_leaf(walk, GMIME_PART(object), error);
	}
	walk->depth--;
	return is_good;
}

static gboolean
is_auto_reply(GMimeMessage *message)
{
	const char *value = g_mime_object_get_header(GMIME_OBJECT(message), "Auto-Submitted");

	return value && g_ascii_strncasecmp(value, "auto-replied", strlen("auto-replied")) == 0;
}

void
mime_init(void)
{
	g_mime_init();
}

gboolean
mime_walk(struct mime_walk *walk, const guint8 *bytes, gsize len, GError **error)
{
	gboolean is_good = FALSE;

	if (!survey_mail(walk->limits, (const char *)bytes, len, error))
		return FALSE;
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer((const char *)bytes, len);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	g_mime_parser_set_persist_stream(parser, TRUE);
	GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
	GMimeObject *root = message ? g_mime_message_get_mime_part(message) : NULL;
	if (root) {
		walk->is_auto_reply = walk->is_auto_reply || is_auto_reply(message);
		is_good = walk_object(walk, root, error);
	} else {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID, "not a mail");
	}
	g_clear_object(&message);
	g_object_unref(parser);
	g_object_unref(stream);
	return is_good;
}
