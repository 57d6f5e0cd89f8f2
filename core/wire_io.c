/* SPDX-License-Identifier: MIT */
#include "core/wire_io.h"

#include <string.h>

/* A pipe takes this much at once, and the longest text fits in. */
#define BUFFER_LEN 65536

/* What a text costs beside its bytes: its end, its place in a list. */
#define TEXT_COST 16

struct wire_out {
	wire_sink_fn sink;
	gpointer cookie;
	GError *error;
	gsize len;
	guint8 buffer[BUFFER_LEN];
};

struct wire_in {
	wire_source_fn source;
	gpointer cookie;
	GError *error;
	gsize budget;
	gsize spent;
	gsize position;
	gsize len;
	guint8 buffer[BUFFER_LEN];
};

/* ---- out ---- */

struct wire_out *
wire_out_new(wire_sink_fn sink, gpointer cookie)
{
	struct wire_out *out = g_new(struct wire_out, 1);

	out->sink = sink;
	out->cookie = cookie;
	out->error = NULL;
	out->len = 0;
	return out;
}

void
wire_out_free(struct wire_out *out)
{
	if (!out)
		return;
	g_clear_error(&out->error);
	g_free(out);
}

static void
send(struct wire_out *out, const guint8 *bytes, gsize len)
{
	if (!out->error && len > 0)
		(void)out->sink(out->cookie, bytes, len, &out->error);
}

guint8 *
wire_room(struct wire_out *out, gsize len)
{
	g_assert(len <= BUFFER_LEN);
	if (out->len + len > BUFFER_LEN) {
		send(out, out->buffer, out->len);
		out->len = 0;
	}
	guint8 *room = out->buffer + out->len;
	out->len += len;
	return room;
}

void
wire_put_u8(struct wire_out *out, guint8 value)
{
	*wire_room(out, 1) = value;
}

void
wire_put_u32(struct wire_out *out, guint32 value)
{
	wire_pack_u32(wire_room(out, sizeof(value)), value);
}

void
wire_put_i64(struct wire_out *out, gint64 value)
{
	wire_pack_i64(wire_room(out, sizeof(value)), value);
}

void
wire_put_bytes(struct wire_out *out, gconstpointer bytes, gsize len)
{
	if (len <= BUFFER_LEN / 2) {
		if (len > 0)
			memcpy(wire_room(out, len), bytes, len);
		return;
	}
	send(out, out->buffer, out->len);
	out->len = 0;
	send(out, bytes, len);
}

void
wire_put_text(struct wire_out *out, const char *text)
{
	gsize len = strlen(text);
	g_autofree char *repaired = NULL;

	if (!g_utf8_validate(text, (gssize)len, NULL)) {
		text = repaired = g_utf8_make_valid(text, (gssize)len);
		len = strlen(text);
	}
	if (len > WIRE_TEXT_MAX)
		len = (gsize)(g_utf8_find_prev_char(text, text + WIRE_TEXT_MAX) - text);
	wire_put_u32(out, (guint32)len);
	wire_put_bytes(out, text, len);
}

gboolean
wire_out_flush(struct wire_out *out, GError **error)
{
	send(out, out->buffer, out->len);
	out->len = 0;
	if (!out->error)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&out->error));
	return FALSE;
}

/* ---- in ---- */

struct wire_in *
wire_in_new(wire_source_fn source, gpointer cookie)
{
	struct wire_in *in = g_new(struct wire_in, 1);

	in->source = source;
	in->cookie = cookie;
	in->error = NULL;
	in->budget = in->spent = in->position = in->len = 0;
	return in;
}

void
wire_in_free(struct wire_in *in)
{
	if (!in)
		return;
	g_clear_error(&in->error);
	g_free(in);
}

void
wire_in_begin(struct wire_in *in, gsize budget)
{
	g_clear_error(&in->error);
	in->budget = budget;
	in->spent = 0;
}

void
wire_refuse(struct wire_in *in, const char *why)
{
	if (!in->error)
		g_set_error_literal(&in->error, DMARCD_ERROR, DMARCD_ERROR_INVALID, why);
}

gboolean
wire_is_good(const struct wire_in *in)
{
	return !in->error;
}

gboolean
wire_in_finish(struct wire_in *in, GError **error)
{
	if (!in->error)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&in->error));
	return FALSE;
}

gboolean
wire_spend(struct wire_in *in, gsize len)
{
	if (in->error)
		return FALSE;
	if (len <= in->budget - in->spent) {
		in->spent += len;
		return TRUE;
	}
	g_set_error(&in->error, DMARCD_ERROR, DMARCD_ERROR_LIMIT,
		    "what was read is over max_wire_bytes (%" G_GSIZE_FORMAT ")", in->budget);
	return FALSE;
}

/* More bytes behind those that are there. FALSE at the end and on failure. */
static gboolean
fill(struct wire_in *in)
{
	if (in->error)
		return FALSE;
	if (in->position > 0) {
		memmove(in->buffer, in->buffer + in->position, in->len - in->position);
		in->len -= in->position;
		in->position = 0;
	}
	gssize n = in->source(in->cookie, in->buffer + in->len, BUFFER_LEN - in->len, &in->error);
	if (n <= 0)
		return FALSE;
	in->len += (gsize)n;
	return TRUE;
}

gboolean
wire_has_more(struct wire_in *in)
{
	return in->position < in->len || fill(in);
}

const guint8 *
wire_take(struct wire_in *in, gsize len)
{
	g_assert(len <= BUFFER_LEN);
	while (in->len - in->position < len) {
		if (!fill(in)) {
			wire_refuse(in, "the answer ends early");
			return NULL;
		}
	}
	if (in->error)
		return NULL;
	const guint8 *bytes = in->buffer + in->position;
	in->position += len;
	return bytes;
}

guint8
wire_get_u8(struct wire_in *in)
{
	const guint8 *at = wire_take(in, 1);

	return at ? *at : 0;
}

guint32
wire_get_u32(struct wire_in *in)
{
	const guint8 *at = wire_take(in, sizeof(guint32));

	return at ? wire_unpack_u32(at) : 0;
}

gint64
wire_get_i64(struct wire_in *in)
{
	const guint8 *at = wire_take(in, sizeof(gint64));

	return at ? wire_unpack_i64(at) : 0;
}

/* NULL, or ret_len bytes of a text that were checked and paid for. */
static const char *
take_text(struct wire_in *in, gsize *ret_len)
{
	gsize len = wire_get_u32(in);

	if (len > WIRE_TEXT_MAX)
		wire_refuse(in, "the answer holds a text that is too long");
	if (!wire_is_good(in))
		return NULL;
	const char *text = (const char *)wire_take(in, len);
	if (!text || !wire_spend(in, len + TEXT_COST))
		return NULL;
	if (!g_utf8_validate(text, (gssize)len, NULL)) {
		wire_refuse(in, "the answer holds a text that is not UTF-8");
		return NULL;
	}
	*ret_len = len;
	return text;
}

const char *
wire_get_text(struct wire_in *in, GStringChunk *strings)
{
	gsize len;
	const char *text = take_text(in, &len);

	if (!text || len == 0)
		return "";
	return g_string_chunk_insert_len(strings, text, (gssize)len);
}

char *
wire_get_new_text(struct wire_in *in)
{
	gsize len;
	const char *text = take_text(in, &len);

	return text ? g_strndup(text, len) : g_strdup("");
}

void
wire_get_bytes(struct wire_in *in, GByteArray *bytes, gsize len)
{
	while (len > 0 && (in->position < in->len || fill(in))) {
		gsize n = MIN(len, in->len - in->position);
		if (!wire_spend(in, n))
			return;
		g_byte_array_append(bytes, in->buffer + in->position, (guint)n);
		in->position += n;
		len -= n;
	}
	if (len > 0)
		wire_refuse(in, "the answer ends early");
}
