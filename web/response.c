/* SPDX-License-Identifier: MIT */
#include "web/response.h"

#define PIECE_BYTES 65536

static const struct {
	const char *name;
	const char *value;
} fields[] = {
	{ "Content-Security-Policy",
	  "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
	  "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
	  "require-trusted-types-for 'script'" },
	{ "X-Content-Type-Options", "nosniff" },
	{ "Referrer-Policy", "same-origin" },
	{ "Cross-Origin-Opener-Policy", "same-origin" },
	{ "Cross-Origin-Resource-Policy", "same-origin" },
};

/* A CSV on its way to the client. */
struct stream {
	struct exchange *x;
	GString *piece;
	gsize n_sent;
	response_progress_fn progress;
	gpointer data;
};

/* Get the next piece; FALSE at the end, or where the rest cannot be had: then x->fault is set. */
static gboolean
fill(struct stream *stream)
{
	g_autoptr(GError) error = NULL;

	g_string_truncate(stream->piece, 0);
	stream->n_sent = 0;
	stream->progress(stream->data);
	while (stream->piece->len == 0) {
		if (exchange_more(stream->x, stream->piece, &error))
			continue;
		if (error)
			stream->x->fault = g_strdup(error->message);
		return FALSE;
	}
	return TRUE;
}

static ssize_t
read_stream(void *cls, uint64_t position, char *buffer, size_t max)
{
	struct stream *stream = cls;

	(void)position;
	if (stream->n_sent == stream->piece->len && !fill(stream))
		return stream->x->fault ? MHD_CONTENT_READER_END_WITH_ERROR
					: MHD_CONTENT_READER_END_OF_STREAM;

	gsize len = MIN(max, stream->piece->len - stream->n_sent);
	memcpy(buffer, stream->piece->str + stream->n_sent, len);
	stream->n_sent += len;
	return (ssize_t)len;
}

static void
free_stream(void *cls)
{
	struct stream *stream = cls;

	g_string_free(stream->piece, TRUE);
	g_free(stream);
}

static struct MHD_Response *
make_stream(struct exchange *x, response_progress_fn progress, gpointer data)
{
	struct stream *stream = g_new0(struct stream, 1);

	stream->x = x;
	stream->piece = g_string_new(NULL);
	stream->progress = progress;
	stream->data = data;
	return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, PIECE_BYTES, read_stream, stream,
						 free_stream);
}

/* The bytes go to the library; they are copied only where others hold them too. */
static struct MHD_Response *
make_body(GBytes *body)
{
	gsize len;
	gpointer data = g_bytes_unref_to_data(body, &len);

	return MHD_create_response_from_buffer_with_free_callback(len, data, g_free);
}

static void
add_fields(struct MHD_Response *response, const struct exchange *x, gboolean want_close)
{
	const GPtrArray *headers = x->answer.headers;

	for (guint i = 0; i < G_N_ELEMENTS(fields); i++)
		MHD_add_response_header(response, fields[i].name, fields[i].value);
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, x->cache_control);
	if (x->answer.type)
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, x->answer.type);
	if (x->tag)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ETAG, x->tag);
	if (want_close)
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
	for (guint i = 0; i + 1 < headers->len; i += 2)
		MHD_add_response_header(response, headers->pdata[i], headers->pdata[i + 1]);
}

enum MHD_Result
response_queue(struct MHD_Connection *connection, struct exchange *x, gboolean want_close,
	       response_progress_fn progress, gpointer data)
{
	struct MHD_Response *response = x->answer.body ? make_body(g_steal_pointer(&x->answer.body))
						       : make_stream(x, progress, data);

	if (!response)
		return MHD_NO;
	add_fields(response, x, want_close);
	enum MHD_Result result = MHD_queue_response(connection, x->answer.status, response);
	MHD_destroy_response(response);
	return result;
}
