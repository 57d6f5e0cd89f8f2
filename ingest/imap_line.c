/* SPDX-License-Identifier: MIT */
#include "ingest/imap_line.h"

#include "core/error.h"
#include "core/text.h"
#include "ingest/imap_items.h"
#include "ingest/imap_token.h"

/* How much of a response that we do not understand is shown. */
#define SHOWN_LEN 80

struct imap_reader {
	gsize literal_bytes;
	GByteArray *buffer;
	gsize start;      /* where the next response begins */
	gsize line_at;    /* where the line begins that is being looked at, from the start */
	gsize scan_at;    /* up to here there is no end of a line */
	gsize line_bytes; /* of this response, without its literals */
	guint n_literals;
	guint64 literals; /* their bytes */
	struct imap_response response;
};

struct imap_reader *
imap_reader_new(gsize literal_bytes)
{
	struct imap_reader *reader = g_new0(struct imap_reader, 1);
	struct imap_response *response = &reader->response;

	reader->literal_bytes = literal_bytes;
	reader->buffer = g_byte_array_new();
	response->tag = g_string_new(NULL);
	response->code = g_string_new(NULL);
	response->text = g_string_new(NULL);
	response->name = g_string_new(NULL);
	response->fetch.body = g_string_new(NULL);
	return reader;
}

void
imap_reader_free(struct imap_reader *reader)
{
	if (!reader)
		return;
	g_byte_array_unref(reader->buffer);
	g_string_free(reader->response.tag, TRUE);
	g_string_free(reader->response.code, TRUE);
	g_string_free(reader->response.text, TRUE);
	g_string_free(reader->response.name, TRUE);
	g_string_free(reader->response.fetch.body, TRUE);
	g_free(reader);
}

void
imap_reader_add(struct imap_reader *reader, const guint8 *bytes, gsize len)
{
	if (reader->start > 0) {
		g_byte_array_remove_range(reader->buffer, 0, (guint)reader->start);
		reader->start = 0;
	}
	g_byte_array_append(reader->buffer, bytes, (guint)len);
}

/* --- One response after the other --- */

static gboolean
set_not_imap(const struct imap_cursor *line, const char *what, GError **error)
{
	g_autoptr(GString) shown = g_string_new(NULL);

	text_clean((const char *)line->at, MIN((gsize)(line->end - line->at), SHOWN_LEN), shown);
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID, "%s: \"%s\"", what, shown->str);
	return FALSE;
}

static void
reset(struct imap_response *response)
{
	struct imap_fetch *fetch = &response->fetch;
	GString *body = g_string_truncate(fetch->body, 0);

	*fetch = (struct imap_fetch){ .body = body };
	g_string_truncate(response->tag, 0);
	g_string_truncate(response->code, 0);
	g_string_truncate(response->text, 0);
	g_string_truncate(response->name, 0);
	response->number = response->code_number = 0;
	response->delimiter = 0;
	response->is_selectable = FALSE;
	response->kind = IMAP_OTHER;
}

static void
take_rest(struct imap_cursor *cursor, GString *out)
{
	text_clean((const char *)cursor->at, (gsize)(cursor->end - cursor->at), out);
	cursor->at = cursor->end;
}

/* [CODE arguments] text */
static gboolean
parse_status(struct imap_response *response, struct imap_cursor *cursor)
{
	const guint8 *close = memchr(cursor->at, ']', (gsize)(cursor->end - cursor->at));
	guint64 number;

	if (close && imap_take_byte(cursor, '[')) {
		struct imap_cursor code = { cursor->at, close };
		imap_take_atom(&code, response->code);
		g_string_ascii_up(response->code);
		imap_take_byte(&code, ' ');
		if (imap_take_number(&code, G_MAXUINT32, &number))
			response->code_number = (guint32)number;
		cursor->at = close + 1;
	}
	take_rest(cursor, response->text);
	return TRUE;
}

static gboolean
parse_capability(struct imap_response *response, struct imap_cursor *cursor)
{
	take_rest(cursor, response->text);
	g_string_ascii_up(response->text);
	return TRUE;
}

/* (flags) "delimiter" name */
static gboolean
parse_list(struct imap_response *response, struct imap_cursor *cursor)
{
	g_autoptr(GString) word = g_string_new(NULL);

	response->is_selectable = TRUE;
	if (!imap_take_byte(cursor, '('))
		return FALSE;
	while (!imap_take_byte(cursor, ')')) {
		g_string_truncate(word, 0);
		if (!imap_take_atom(cursor, word))
			return FALSE;
		if (g_ascii_strcasecmp(word->str, "\\Noselect") == 0 ||
		    g_ascii_strcasecmp(word->str, "\\NonExistent") == 0)
			response->is_selectable = FALSE;
		imap_take_byte(cursor, ' ');
	}
	g_string_truncate(word, 0);
	if (!imap_take_byte(cursor, ' ') || !imap_take_string(cursor, word))
		return FALSE;
	response->delimiter = word->str[0];
	return imap_take_byte(cursor, ' ') && imap_take_string(cursor, response->name);
}

static gboolean
parse_fetch(struct imap_response *response, struct imap_cursor *cursor)
{
	return imap_items_read(&response->fetch, cursor);
}

/* --- Responses --- */

static gboolean
parse_nothing(struct imap_response *response, struct imap_cursor *cursor)
{
	(void)response;
	(void)cursor;
	return TRUE;
}

struct form {
	const char *word;
	enum imap_kind kind;
	gboolean (*parse)(struct imap_response *response, struct imap_cursor *cursor);
};

static const struct form statuses[] = {
	{ "OK", IMAP_OK, parse_status },           { "NO", IMAP_NO, parse_status },
	{ "BAD", IMAP_BAD, parse_status },         { "BYE", IMAP_BYE, parse_status },
	{ "PREAUTH", IMAP_PREAUTH, parse_status },
};
static const struct form plain[] = {
	{ "CAPABILITY", IMAP_CAPABILITY, parse_capability },
	{ "LIST", IMAP_LIST, parse_list },
};
static const struct form numbered[] = {
	{ "EXISTS", IMAP_EXISTS, parse_nothing },
	{ "EXPUNGE", IMAP_EXPUNGE, parse_nothing },
	{ "FETCH", IMAP_FETCH, parse_fetch },
};

/* FALSE: the line has one of these forms and is not well formed. */
static gboolean
try_forms(const struct form *forms, gsize n_forms, struct imap_response *response,
	  struct imap_cursor *cursor)
{
	for (gsize i = 0; i < n_forms; i++) {
		if (!imap_take_word(cursor, forms[i].word))
			continue;
		response->kind = forms[i].kind;
		return forms[i].parse(response, cursor);
	}
	return TRUE;
}

static gboolean
parse_untagged(struct imap_response *response, struct imap_cursor *cursor)
{
	guint64 number;

	if (imap_take_number(cursor, G_MAXUINT32, &number) && imap_take_byte(cursor, ' ')) {
		response->number = (guint32)number;
		return try_forms(numbered, G_N_ELEMENTS(numbered), response, cursor);
	}
	if (!try_forms(statuses, G_N_ELEMENTS(statuses), response, cursor))
		return FALSE;
	return response->kind != IMAP_OTHER ||
	       try_forms(plain, G_N_ELEMENTS(plain), response, cursor);
}

static gboolean
parse_response(struct imap_response *response, struct imap_cursor line, GError **error)
{
	struct imap_cursor cursor = line;

	reset(response);
	if (imap_take_byte(&cursor, '+')) {
		response->kind = IMAP_CONTINUE;
		take_rest(&cursor, response->text);
		return TRUE;
	}
	if (imap_take_word(&cursor, "*"))
		return parse_untagged(response, &cursor) ||
		       set_not_imap(&line, "the server's answer is not well formed", error);
	if (!imap_take_atom(&cursor, response->tag) || !imap_take_byte(&cursor, ' ') ||
	    !try_forms(statuses, G_N_ELEMENTS(statuses), response, &cursor) ||
	    response->kind == IMAP_OTHER)
		return set_not_imap(&line, "this is not IMAP", error);
	return TRUE;
}

/* --- Where a response ends --- */

/* Text for people may end in "{5}" and announces nothing. */
static gboolean
is_status(const guint8 *line, gsize len)
{
	struct imap_cursor cursor = { line, line + len };
	g_autoptr(GString) tag = g_string_new(NULL);

	if (!imap_take_atom(&cursor, tag))
		return FALSE;
	imap_take_byte(&cursor, ' ');
	for (gsize i = 0; i < G_N_ELEMENTS(statuses); i++)
		if (imap_take_word(&cursor, statuses[i].word))
			return TRUE;
	return tag->str[0] == '+';
}

static gboolean
set_limit(GError **error, const char *what, const char *limit, guint64 value)
{
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_LIMIT,
		    "the server %s: over %s (%" G_GUINT64_FORMAT ")", what, limit, value);
	return FALSE;
}

/* A line of len bytes is there. FALSE and no error: the response is whole. */
static gboolean
enter_literal(struct imap_reader *reader, const guint8 *response, gsize len, GError **error)
{
	const guint8 *line = response + reader->line_at;
	guint64 literal;

	if ((reader->line_at == 0 && is_status(line, len)) ||
	    !imap_literal_at_end(line, len, &literal))
		return FALSE;
	if (literal > reader->literal_bytes - reader->literals)
		return set_limit(error, "announces a literal that is too large",
				 "imap_literal_bytes", reader->literal_bytes);
	if (++reader->n_literals > IMAP_LITERALS_MAX)
		return set_limit(error, "sends too many literals in one answer", "imap_literals",
				 IMAP_LITERALS_MAX);
	reader->literals += literal;
	reader->line_at = reader->scan_at = reader->scan_at + literal;
	return TRUE;
}

/* Look for the end of the next line. FALSE: it is not there yet, or (error) never will be. */
static gboolean
find_line_end(struct imap_reader *reader, gsize *ret_stop, GError **error)
{
	const guint8 *response = reader->buffer->data + reader->start;
	gsize len = reader->buffer->len - reader->start;

	if (len <= reader->scan_at)
		return FALSE;
	const guint8 *end = memchr(response + reader->scan_at, '\n', len - reader->scan_at);
	gsize stop = end ? (gsize)(end - response) + 1 : len;
	reader->line_bytes += stop - reader->scan_at;
	reader->scan_at = *ret_stop = stop;
	if (reader->line_bytes > IMAP_LINE_BYTES_MAX)
		return set_limit(error, "sends a line that is too long", "imap_line_bytes",
				 IMAP_LINE_BYTES_MAX);
	return end != NULL;
}

enum imap_step
imap_reader_next(struct imap_reader *reader, const struct imap_response **ret_response,
		 GError **error)
{
	g_autoptr(GError) reason = NULL;
	gsize stop;

	while (find_line_end(reader, &stop, &reason)) {
		const guint8 *response = reader->buffer->data + reader->start;
		gsize line_end = stop - 1;
		if (line_end > reader->line_at && response[line_end - 1] == '\r')
			line_end--;
		if (enter_literal(reader, response, line_end - reader->line_at, &reason))
			continue;
		if (reason)
			break;
		reader->start += stop;
		reader->line_at = reader->scan_at = reader->line_bytes = 0;
		reader->n_literals = 0;
		reader->literals = 0;
		struct imap_cursor line = { response, response + line_end };
		if (!parse_response(&reader->response, line, error))
			return IMAP_FAILED;
		*ret_response = &reader->response;
		return IMAP_RESPONSE;
	}
	if (!reason)
		return IMAP_MORE;
	g_propagate_error(error, g_steal_pointer(&reason));
	return IMAP_FAILED;
}
