/* SPDX-License-Identifier: MIT */
#include "web/exchange.h"

#include "core/error.h"
#include "web/render.h"
#include "web/upload.h"
#include "web/words.h"

#define TYPE_HTML "text/html; charset=utf-8"
#define TYPE_TEXT "text/plain; charset=utf-8"

static const char *
find_title(guint status)
{
	g_autofree char *key = g_strdup_printf("error.%u", status);

	return words_get(key);
}

static void
clear_answer(struct answer *answer)
{
	g_clear_pointer(&answer->body, g_bytes_unref);
	g_ptr_array_set_size(answer->headers, 0);
}

void
exchange_set_answer(struct exchange *x, guint status, const char *type, GString *text)
{
	x->answer.status = status;
	x->answer.type = type;
	x->answer.body = g_string_free_to_bytes(text);
}

void
exchange_answer_html(struct exchange *x, guint status, const char *template, json_t *root)
{
	g_autoptr(GError) error = NULL;
	GString *out = g_string_sized_new(32768);

	exchange_add_frame(x, root);
	if (render_html(x->site->templates, template, root, out, &error)) {
		exchange_set_answer(x, status, TYPE_HTML, out);
		return;
	}
	g_string_assign(out, "This page cannot be shown: ");
	g_string_append(out, error->message);
	exchange_set_answer(x, 500, TYPE_TEXT, out);
}

void
exchange_redirect(struct exchange *x, const char *location)
{
	g_autofree char *escaped =
		g_uri_escape_string(location, G_URI_RESERVED_CHARS_ALLOWED_IN_PATH "?%", FALSE);

	exchange_add_header(x, "Location", escaped);
	exchange_set_answer(x, 303, TYPE_TEXT, g_string_new(NULL));
}

void
exchange_fail(struct exchange *x, guint status, const char *sentence)
{
	json_t *root = json_pack("{s:s, s:s, s:i, s:s, s:s}", "type", "about:blank", "title",
				 find_title(status), "status", (int)status, "detail", sentence,
				 "_title", find_title(status));

	clear_answer(&x->answer);
	g_clear_pointer(&x->tag, g_free);
	if (x->page.face == PAGE_HTML) {
		exchange_answer_html(x, status, "error", root);
	} else {
		GString *out = g_string_new(NULL);

		render_json(root, 0, out);
		exchange_set_answer(x, status, "application/problem+json", out);
	}
	json_decref(root);
}

void
exchange_fail_error(struct exchange *x, const GError *error)
{
	if (g_error_matches(error, DMARCD_ERROR, DMARCD_ERROR_INVALID) ||
	    g_error_matches(error, DMARCD_ERROR, DMARCD_ERROR_LIMIT)) {
		exchange_fail(x, 400, error->message);
	} else if (g_error_matches(error, DMARCD_ERROR, DMARCD_ERROR_DENIED)) {
		exchange_fail(x, 403, error->message);
	} else if (g_error_matches(error, DMARCD_ERROR, DMARCD_ERROR_AGAIN)) {
		exchange_fail(x, 503, error->message);
		exchange_add_header(x, "Retry-After", "5");
	} else {
		g_autofree char *fault = g_strdup(error->message);

		exchange_fail(x, 500, x->user ? fault : words_get("error.log"));
		g_free(x->fault);
		x->fault = g_steal_pointer(&fault);
	}
}

void
exchange_add_header(struct exchange *x, const char *name, const char *value)
{
	g_ptr_array_add(x->answer.headers, g_strdup(name));
	g_ptr_array_add(x->answer.headers, g_strdup(value));
}

struct exchange *
exchange_of(struct page *page)
{
	return (struct exchange *)page;
}

struct exchange *
exchange_new(struct site *site, enum method method)
{
	struct exchange *x = g_new0(struct exchange, 1);

	x->site = site;
	x->method = method;
	x->context = site->context;
	x->context.now = g_get_real_time() / G_USEC_PER_SEC;
	x->page.context = &x->context;
	x->cache_control = "private, no-store";
	x->answer.headers = g_ptr_array_new_with_free_func(g_free);
	return x;
}

void
exchange_free(struct exchange *x)
{
	if (!x)
		return;
	clear_answer(&x->answer);
	g_ptr_array_free(x->answer.headers, TRUE);
	json_decref(x->page.root);
	g_clear_pointer(&x->page.body, g_bytes_unref);
	g_free(x->page.location);
	g_free(x->page.body_name);
	request_free(x->request);
	if (x->piece)
		g_string_free(x->piece, TRUE);
	g_strfreev(x->columns);
	g_free(x->tail);
	g_free(x->user);
	g_free(x->token);
	g_free(x->program);
	upload_free(x->upload);
	g_free(x->theme);
	g_free(x->tag);
	g_free(x->fault);
	g_free(x);
}
