/* SPDX-License-Identifier: MIT */
#include "web/server_body.h"

#include "core/error.h"
#include "web/router.h"
#include "web/upload.h"

/* What is refused is still read so far, so that its client comes to read the answer. */
#define MAX_IGNORED_BYTES (1024 * 1024)
#define MULTIPART_BUFFER  32768
#define FORM_TOO_LARGE    "The form is over max_body_bytes (65536)."

struct body {
	struct exchange *x;
	GByteArray *form;                /* of fields alone */
	struct MHD_PostProcessor *parts; /* of multipart/form-data */
	GError *error;                   /* why the rest is ignored */
	gboolean is_answered;
	gsize n_ignored;
	char *file_name; /* of the file that is being read, NULL = none yet */
};

static gboolean
has_type(const struct exchange *x, const char *wanted)
{
	const char *type = request_header(x->request, REQUEST_CONTENT_TYPE);

	return type && g_ascii_strncasecmp(type, wanted, strlen(wanted)) == 0;
}

/* --- Answers --- */

static void
fail(struct exchange *x, const GError *error)
{
	if (g_error_matches(error, DMARCD_ERROR, DMARCD_ERROR_LIMIT)) {
		exchange_fail(x, 413, error->message);
	} else if (g_error_matches(error, DMARCD_ERROR, DMARCD_ERROR_AGAIN)) {
		exchange_fail(x, 503, error->message);
		exchange_add_header(x, "Retry-After", UPLOAD_AGAIN_S);
	} else {
		exchange_fail(x, 400, error->message);
	}
}

/* --- Files --- */

/* A file that is empty may be announced twice. */
static gboolean
begin_part(struct body *body, const char *name)
{
	if (g_strcmp0(body->file_name, name) == 0)
		return TRUE;
	g_free(body->file_name);
	body->file_name = g_strdup(name);
	return upload_begin_file(body->x->upload, name, &body->error);
}

static gboolean
take_file(struct body *body, const char *name, const char *bytes, guint64 offset, gsize len)
{
	/* A browser sends a field of files that was left empty as a file without a name. */
	if (!name[0] && offset == 0 && len == 0)
		return TRUE;
	if (offset == 0 && !begin_part(body, name))
		return FALSE;
	if (len == 0)
		return TRUE;
	/* The next one of this name is another. */
	g_clear_pointer(&body->file_name, g_free);
	return upload_append(body->x->upload, bytes, len, &body->error);
}

/* NOLINTBEGIN(readability-function-size): the library decides about the parameters */
static enum MHD_Result
take_part(void *cls, enum MHD_ValueKind kind, const char *key, const char *file_name,
	  const char *type, const char *encoding, const char *bytes, uint64_t offset, size_t len)
{
	struct body *body = cls;

	(void)kind;
	(void)type;
	(void)encoding;
	if (!key || body->error)
		return MHD_NO;
	if (file_name)
		return take_file(body, file_name, bytes, offset, len) ? MHD_YES : MHD_NO;
	return request_add_field(body->x->request, key, bytes, len, &body->error) ? MHD_YES
										  : MHD_NO;
}
/* NOLINTEND(readability-function-size) */

static void
take_upload(struct body *body, const char *bytes, gsize len)
{
	struct upload *upload = body->x->upload;

	if (!upload_count(upload, len, &body->error))
		return;
	if (!body->parts) {
		upload_append(upload, bytes, len, &body->error);
		return;
	}
	if (MHD_post_process(body->parts, bytes, len) != MHD_YES && !body->error)
		g_set_error_literal(&body->error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
				    "the form is not multipart/form-data");
}

static gboolean
open_upload(struct body *body, struct MHD_Connection *handle, guint64 length)
{
	struct exchange *x = body->x;
	gboolean is_form = has_type(x, "multipart/");

	x->upload = upload_new(x->site->desk, length, is_form ? REQUEST_MAX_BODY_BYTES : 0,
			       &body->error);
	if (!x->upload)
		return FALSE;
	if (!is_form)
		return upload_begin_file(x->upload, "", &body->error);
	body->parts = MHD_create_post_processor(handle, MULTIPART_BUFFER, take_part, body);
	if (body->parts)
		return TRUE;
	g_set_error_literal(&body->error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
			    "the form is not multipart/form-data with a boundary");
	return FALSE;
}

/* A small body is read over, since not every client reads an answer before it has sent all. */
static struct body *
refuse(struct body *body, guint64 length)
{
	if (body->error)
		fail(body->x, body->error);
	body->is_answered = TRUE;
	if (length > 0 && length <= MAX_IGNORED_BYTES)
		return body;
	body_free(body);
	return NULL;
}

/* --- The whole --- */

struct body *
body_new(struct MHD_Connection *handle, struct exchange *x, guint64 length)
{
	struct body *body = g_new0(struct body, 1);
	const struct page_route *route =
		router_find(x->site->pages, request_path(x->request), NULL);

	body->x = x;
	if (route && route->takes_files) {
		if (!exchange_admit(x) || !open_upload(body, handle, length))
			return refuse(body, length);
		return body;
	}
	if (!has_type(x, "application/x-www-form-urlencoded"))
		exchange_fail(x, 415, "A form comes as application/x-www-form-urlencoded.");
	else if (length > REQUEST_MAX_BODY_BYTES)
		exchange_fail(x, 413, FORM_TOO_LARGE);
	else
		body->form = g_byte_array_new();
	if (body->form)
		return body;
	body_free(body);
	return NULL;
}

void
body_free(struct body *body)
{
	if (!body)
		return;
	if (body->parts)
		MHD_destroy_post_processor(body->parts);
	if (body->form)
		g_byte_array_unref(body->form);
	g_clear_error(&body->error);
	g_free(body->file_name);
	g_free(body);
}

gboolean
body_take(struct body *body, const char *bytes, gsize len)
{
	gboolean is_over = body->form && body->form->len + len > REQUEST_MAX_BODY_BYTES;

	if (is_over || body->n_ignored > 0 || body->is_answered || body->error)
		body->n_ignored += len;
	else if (body->form)
		g_byte_array_append(body->form, (const guint8 *)bytes, (guint)len);
	else
		take_upload(body, bytes, len);
	return body->n_ignored <= MAX_IGNORED_BYTES;
}

static gboolean
finish_form(struct body *body)
{
	if (body->n_ignored > 0) {
		exchange_fail(body->x, 413, FORM_TOO_LARGE);
		return FALSE;
	}
	return request_set_body(body->x->request, (const char *)body->form->data, body->form->len,
				&body->error);
}

static gboolean
finish_upload(struct body *body)
{
	if (!body->error && body->parts &&
	    MHD_destroy_post_processor(g_steal_pointer(&body->parts)) != MHD_YES && !body->error)
		g_set_error_literal(&body->error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
				    "the form is cut short");
	return body->error == NULL;
}

gboolean
body_finish(struct body *body)
{
	if (body->is_answered)
		return FALSE;
	if (body->form ? finish_form(body) : finish_upload(body))
		return TRUE;
	if (body->error)
		fail(body->x, body->error);
	return FALSE;
}
