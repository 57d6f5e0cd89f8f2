/* SPDX-License-Identifier: MIT */
#include "ingest/mime.h"

#include <string.h>

#include <gmime/gmime.h>

#include "core/error.h"
#include "core/text.h"
#include "ingest/mime_survey.h"

static const char *const returning_types[] = {
	"message/feedback-report",
	"message/delivery-status",
	"message/global-delivery-status",
};

/* What the enclosed mail of a returning one may be called. */
static const char *const original_types[] = {
	"message/rfc822", "text/rfc822-headers", "text/rfc822-header",     "message/rfc822-headers",
	"text/rfc822",    "message/global",      "message/global-headers", "message/partial",
};

static gboolean walk_object(struct mime_walk *walk, struct mime_mail *mail, GMimeObject *object,
			    GError **error);

static gboolean
is_one_of(const char *type, const char *const *types, gsize n)
{
	for (gsize i = 0; i < n; i++)
		if (g_str_equal(type, types[i]))
			return TRUE;
	return FALSE;
}

/* ---- a mail as a whole ---- */

static void
add_headers(struct fields *fields, GMimeObject *object)
{
	GMimeHeaderList *list = g_mime_object_get_header_list(object);

	for (int i = 0; i < g_mime_header_list_get_count(list); i++) {
		GMimeHeader *header = g_mime_header_list_get_header_at(list, i);
		const char *name = g_mime_header_get_name(header);
		const char *value = g_mime_header_get_raw_value(header);
		if (name && value)
			fields_add(fields, name, value, strlen(value));
	}
}

static void
mail_clear(struct mime_mail *mail)
{
	g_clear_pointer(&mail->head, fields_free);
	g_clear_pointer(&mail->original, fields_free);
	g_clear_pointer(&mail->text, g_byte_array_unref);
	g_clear_pointer(&mail->report, g_byte_array_unref);
	g_clear_pointer(&mail->report_type, g_free);
}

static void
mail_init(struct mime_mail *mail, const struct mime_mail *outer, GMimeMessage *message)
{
	GMimeObject *root = g_mime_message_get_mime_part(message);
	const char *report_type =
		root ? g_mime_object_get_content_type_parameter(root, "report-type") : NULL;

	*mail = (struct mime_mail){ .outer = outer };
	mail->head = fields_new();
	add_headers(mail->head, GMIME_OBJECT(message));
	mail->report_type = g_ascii_strdown(report_type ? report_type : "", -1);
}

/* The first text is what a reporter wrote; later ones are attachments. */
static void
keep_text(struct mime_mail *mail, const char *type, const guint8 *bytes, gsize len)
{
	if (mail->text || len == 0 || !g_str_has_prefix(type, "text/"))
		return;
	mail->text = g_byte_array_new();
	g_byte_array_append(mail->text, bytes, (guint)MIN(len, MIME_TEXT_MAX));
}

static void
keep_original(struct mime_mail *mail, GMimeMessagePart *part)
{
	GMimeMessage *inner = g_mime_message_part_get_message(part);

	if (mail->original)
		return;
	mail->original = fields_new();
	if (!inner)
		return;
	add_headers(mail->original, GMIME_OBJECT(inner));
	if (g_mime_message_get_mime_part(inner))
		add_headers(mail->original, g_mime_message_get_mime_part(inner));
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

/* A leaf part with its bytes decoded. */
struct leaf {
	char *type;
	GByteArray *decoded; /* NULL where the mail has the bytes as they are */
	const guint8 *bytes;
	gsize len;
};

static void
leaf_clear(struct leaf *leaf)
{
	g_free(leaf->type);
	g_clear_pointer(&leaf->decoded, g_byte_array_unref);
}

static void
leaf_init(struct leaf *leaf, GMimePart *object)
{
	GMimeDataWrapper *content = g_mime_part_get_content(object);
	GMimeContentEncoding encoding = g_mime_part_get_content_encoding(object);

	*leaf = (struct leaf){ .bytes = (const guint8 *)"" };
	leaf->type = part_type(GMIME_OBJECT(object));
	if (content)
		peek_encoded(content, &leaf->bytes, &leaf->len);
	if (!is_encoded(encoding) || leaf->len == 0)
		return;
	leaf->decoded = decode(leaf->bytes, leaf->len, encoding);
	leaf->bytes = leaf->decoded->len > 0 ? leaf->decoded->data : (const guint8 *)"";
	leaf->len = leaf->decoded->len;
}

static gboolean
count_part(struct mime_walk *walk, GError **error)
{
	if (++walk->n_parts > walk->limits->parts)
		return mime_set_limit(error, "number of parts is", "max_parts",
				      walk->limits->parts);
	return TRUE;
}

static gboolean
walk_leaf(struct mime_walk *walk, struct mime_mail *mail, GMimePart *object, GError **error)
{
	g_autoptr(GString) name = g_string_new(NULL);
	const char *raw_name = g_mime_part_get_filename(object);
	struct leaf leaf;

	if (!count_part(walk, error))
		return FALSE;
	if (raw_name)
		text_clean(raw_name, strlen(raw_name), name);
	leaf_init(&leaf, object);
	const struct mime_part part = {
		.number = walk->n_parts,
		.type = leaf.type,
		.name = name->str,
		.bytes = leaf.bytes,
		.len = leaf.len,
	};
	keep_text(mail, leaf.type, leaf.bytes, leaf.len);
	walk->on_part(walk->cookie, mail, &part);
	leaf_clear(&leaf);
	return TRUE;
}

/* ---- a mail that returns another one ---- */

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

static void
gather_leaf(struct mime_mail *mail, const char *returning, GMimePart *object)
{
	struct leaf leaf;

	leaf_init(&leaf, object);
	if (!mail->report && g_str_equal(leaf.type, returning)) {
		mail->report = g_byte_array_new();
		g_byte_array_append(mail->report, leaf.bytes, (guint)leaf.len);
	} else if (is_one_of(leaf.type, original_types, G_N_ELEMENTS(original_types))) {
		if (!mail->original)
			mail->original = fields_new();
		if (mail->original->list->len == 0)
			fields_read(mail->original, leaf.bytes, leaf.len);
	} else {
		keep_text(mail, leaf.type, leaf.bytes, leaf.len);
	}
	leaf_clear(&leaf);
}

static gboolean
walk_returned(struct mime_walk *walk, struct mime_mail *mail, GMimeMultipart *multipart,
	      GError **error)
{
	const char *returning = find_returning_type(multipart);

	g_clear_pointer(&mail->report, g_byte_array_unref);
	g_clear_pointer(&mail->original, fields_free);
	for (int i = 0; i < g_mime_multipart_get_count(multipart); i++) {
		GMimeObject *object = g_mime_multipart_get_part(multipart, i);
		if (!count_part(walk, error))
			return FALSE;
		if (GMIME_IS_MESSAGE_PART(object))
			keep_original(mail, GMIME_MESSAGE_PART(object));
		else if (GMIME_IS_PART(object))
			gather_leaf(mail, returning, GMIME_PART(object));
	}
	walk->on_returned(walk->cookie, mail, returning);
	return TRUE;
}

/* ---- the tree ---- */

/* Its boundary does not occur: all of it is text. */
static void
keep_partless(struct mime_mail *mail, GMimeMultipart *multipart)
{
	const char *text = g_mime_multipart_get_prologue(multipart);

	mail->is_partless = TRUE;
	if (text)
		keep_text(mail, "text/plain", (const guint8 *)text, strlen(text));
}

static gboolean
walk_multipart(struct mime_walk *walk, struct mime_mail *mail, GMimeMultipart *multipart,
	       GError **error)
{
	if (find_returning_type(multipart))
		return walk_returned(walk, mail, multipart, error);
	if (g_mime_multipart_get_count(multipart) == 0)
		keep_partless(mail, multipart);
	for (int i = 0; i < g_mime_multipart_get_count(multipart); i++)
		if (!walk_object(walk, mail, g_mime_multipart_get_part(multipart, i), error))
			return FALSE;
	return TRUE;
}

static gboolean
walk_enclosed(struct mime_walk *walk, struct mime_mail *mail, GMimeMessagePart *part,
	      GError **error)
{
	GMimeMessage *message = g_mime_message_part_get_message(part);
	GMimeObject *root = message ? g_mime_message_get_mime_part(message) : NULL;
	struct mime_mail inner;

	keep_original(mail, part);
	if (!root || walk->is_returning(mail))
		return TRUE;
	mail_init(&inner, mail, message);
	gboolean is_good = walk_object(walk, &inner, root, error);
	mail_clear(&inner);
	return is_good;
}

static gboolean
walk_object(struct mime_walk *walk, struct mime_mail *mail, GMimeObject *object, GError **error)
{
	gboolean is_good = TRUE;

	if (walk->depth >= walk->limits->mime_depth)
		return mime_set_limit(error, "MIME nesting is", "max_mime_depth",
				      walk->limits->mime_depth);
	walk->depth++;
	if (GMIME_IS_MULTIPART(object))
		is_good = walk_multipart(walk, mail, GMIME_MULTIPART(object), error);
	else if (GMIME_IS_MESSAGE_PART(object))
		is_good = walk_enclosed(walk, mail, GMIME_MESSAGE_PART(object), error);
	else if (GMIME_IS_PART(object))
		is_good = walk_leaf(walk, mail, GMIME_PART(object), error);
	walk->depth--;
	return is_good;
}

void
mime_init(void)
{
	g_mime_init();
}

static gboolean
walk_message(struct mime_walk *walk, const struct mime_mail *outer, GMimeMessage *message,
	     GError **error)
{
	GMimeObject *root = message ? g_mime_message_get_mime_part(message) : NULL;
	struct mime_mail mail;

	if (!root) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID, "not a mail");
		return FALSE;
	}
	mail_init(&mail, outer, message);
	gboolean is_good = walk_object(walk, &mail, root, error);
	if (is_good && !outer)
		walk->on_mail(walk->cookie, &mail);
	mail_clear(&mail);
	return is_good;
}

gboolean
mime_walk(struct mime_walk *walk, const struct mime_mail *outer, const guint8 *bytes, gsize len,
	  GError **error)
{
	if (!mime_survey(walk->limits, bytes, len, error))
		return FALSE;
	/* Borrowed and only read: a copy of a big mail would be all that it costs once more. */
	GByteArray mail = { (guint8 *)(guintptr)bytes, (guint)len };
	GMimeStream *stream = g_mime_stream_mem_new_with_byte_array(&mail);
	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	g_mime_parser_set_persist_stream(parser, TRUE);
	GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
	gboolean is_good = walk_message(walk, outer, message, error);
	g_clear_object(&message);
	g_object_unref(parser);
	g_object_unref(stream);
	return is_good;
}
