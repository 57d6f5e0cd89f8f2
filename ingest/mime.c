/* SPDX-License-Identifier: MIT */
#include "ingest/mime.h"

#include <gmime/gmime.h>

#include "core/error.h"
#include "core/text.h"

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeMessage, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeStream, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeParser, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeParserOptions, g_mime_parser_options_free)

struct walk {
	const struct parse_limits *limits;
	mime_part_fn each;
	gpointer data;
	guint parts;
	enum mime_nature nature;
	GError *error;
};

static void
set_limit_error(GError **error, const char *limit, gsize value)
{
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_LIMIT,
		    "mail is over %s (%" G_GSIZE_FORMAT ")", limit, value);
}

/* gmime reads a header block into memory, line by line: it must not be endless. */
static gboolean
check_header(GBytes *mail, const struct parse_limits *limits, GError **error)
{
	gsize len;
	const char *data = g_bytes_get_data(mail, &len);

	if (len > limits->mail_bytes) {
		set_limit_error(error, "max_mail_bytes", limits->mail_bytes);
		return FALSE;
	}
	if (len <= limits->header_bytes || memmem(data, limits->header_bytes, "\n\n", 2) ||
	    memmem(data, limits->header_bytes, "\n\r\n", 3))
		return TRUE;
	set_limit_error(error, "max_header_bytes", limits->header_bytes);
	return FALSE;
}

static GMimeMessage *
parse_mail(GBytes *mail)
{
	gsize len;
	const char *data = g_bytes_get_data(mail, &len);
	g_autoptr(GMimeStream) stream = g_mime_stream_mem_new_with_buffer(data, len);
	g_autoptr(GMimeParser) parser = g_mime_parser_new_with_stream(stream);
	g_autoptr(GMimeParserOptions) options = g_mime_parser_options_new();

	return g_mime_parser_construct_message(parser, options);
}

static GBytes *
decode(GMimePart *part)
{
	GMimeDataWrapper *content = g_mime_part_get_content(part);

	if (!content)
		return g_bytes_new(NULL, 0);
	g_autoptr(GMimeStream) stream = g_mime_stream_mem_new();
	/* The decoded bytes are taken over, not copied. */
	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
	g_mime_data_wrapper_write_to_stream(content, stream);
	return g_byte_array_free_to_bytes(
		g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream)));
}

static char *
clean_name(GMimePart *part)
{
	const char *name = g_mime_part_get_filename(part);
	g_autoptr(GString) clean = g_string_new(NULL);

	if (name)
		text_clean(name, strlen(name), clean);
	return g_string_free(g_steal_pointer(&clean), FALSE);
}

static void
visit_part(struct walk *walk, GMimeObject *object, guint depth)
{
	GMimePart *part = GMIME_PART(object);
	GMimeContentType *content_type = g_mime_object_get_content_type(object);
	g_autofree char *mime_type = g_mime_content_type_get_mime_type(content_type);
	g_autofree char *type = g_ascii_strdown(mime_type, -1);
	g_autofree char *name = clean_name(part);
	g_autoptr(GBytes) content = decode(part);
	const struct mime_part leaf = { content, type, name, walk->parts, depth };

	walk->each(&leaf, walk->data, &walk->error);
}

static gboolean
is_within_limits(struct walk *walk, guint depth)
{
	if (++walk->parts > walk->limits->parts)
		set_limit_error(&walk->error, "max_parts", walk->limits->parts);
	else if (depth > walk->limits->mime_depth)
		set_limit_error(&walk->error, "max_mime_depth", walk->limits->mime_depth);
	return walk->error == NULL;
}

/* gmime bounds the depth of what it builds; ours is far below that. */
/* NOLINTNEXTLINE(misc-no-recursion) */
static void
visit(struct walk *walk, GMimeObject *object, guint depth, guint mails)
{
	if (!object || walk->error)
		return;
	if (GMIME_IS_MULTIPART(object)) {
		GMimeMultipart *multipart = GMIME_MULTIPART(object);
		int n = g_mime_multipart_get_count(multipart);
		for (int i = 0; i < n && !walk->error; i++)
			visit(walk, g_mime_multipart_get_part(multipart, i), depth + 1, mails);
		return;
	}
	if (!is_within_limits(walk, depth))
		return;
	if (GMIME_IS_MESSAGE_PART(object)) {
		GMimeMessage *message = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
		if (message && walk->nature == MIME_PLAIN)
			visit(walk, g_mime_message_get_mime_part(message), depth + 1, mails + 1);
	} else if (GMIME_IS_PART(object)) {
		visit_part(walk, object, mails);
	}
}

/* Only the mail's own parts, not those of enclosed mails. */
static void
look_at_type(GMimeObject *parent, GMimeObject *object, gpointer data)
{
	enum mime_nature *nature = data;
	GMimeContentType *type = g_mime_object_get_content_type(object);

	(void)parent;
	if (g_mime_content_type_is_type(type, "message", "feedback-report"))
		*nature = MIME_FAILURE;
	else if (g_mime_content_type_is_type(type, "message", "delivery-status") ||
		 g_mime_content_type_is_type(type, "message", "global-delivery-status"))
		*nature = MIME_BOUNCE;
}

static enum mime_nature
find_nature(GMimeMessage *message)
{
	GMimeObject *top = g_mime_message_get_mime_part(message);
	enum mime_nature nature = MIME_PLAIN;
	const char *submitted = g_mime_object_get_header(GMIME_OBJECT(message), "Auto-Submitted");

	if (submitted && g_ascii_strncasecmp(submitted, "auto-replied", 12) == 0)
		nature = MIME_AUTO_REPLY;
	if (top && GMIME_IS_MULTIPART(top))
		g_mime_multipart_foreach(GMIME_MULTIPART(top), look_at_type, &nature);
	else if (top)
		look_at_type(NULL, top, &nature);
	return nature;
}

gboolean
mime_walk(GBytes *mail, const struct parse_limits *limits, mime_part_fn each, gpointer data,
	  enum mime_nature *ret_nature, GError **error)
{
	if (!check_header(mail, limits, error))
		return FALSE;
	g_autoptr(GMimeMessage) message = parse_mail(mail);
	if (!message) {
		g_set_error_literal(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
				    "not a mail: no header");
		return FALSE;
	}
	struct walk walk = { .limits = limits, .each = each, .data = data };
	*ret_nature = find_nature(message);
	/* An automatic answer may carry a report all the same: reports are sent by machines. */
	walk.nature = *ret_nature == MIME_AUTO_REPLY ? MIME_PLAIN : *ret_nature;
	visit(&walk, g_mime_message_get_mime_part(message), 0, 0);
	if (!walk.error)
		return TRUE;
	g_propagate_error(error, walk.error);
	return FALSE;
}
