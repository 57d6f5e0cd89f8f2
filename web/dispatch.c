/* SPDX-License-Identifier: MIT */
/*
 * What happens between a request and its page, in order: route, method, face, view of the store,
 * session, right, form token, ETag, handler, rendering.
 */
#include "web/exchange.h"

#include "core/csv.h"
#include "core/error.h"
#include "web/auth_token.h"
#include "web/csrf.h"
#include "web/render.h"
#include "web/router.h"
#include "web/session.h"
#include "web/words.h"

#define HTML_ROWS 50
#define MAX_ROWS  1000

#define TYPE_JSON "application/json"
#define TYPE_CSV  "text/csv; charset=utf-8; header=present"

/* --- Before the page --- */

static gboolean
check_method(struct exchange *x)
{
	gboolean is_read = x->method == METHOD_GET || x->method == METHOD_HEAD;
	gboolean is_change = x->method == METHOD_POST;

	if ((is_read && x->route->get) || (is_change && x->route->post))
		return TRUE;
	exchange_fail(x, 405, words_get(is_change ? "error.no_change" : "error.only_change"));
	exchange_add_header(x, "Allow",
			    !x->route->post  ? "GET, HEAD"
			    : !x->route->get ? "POST"
					     : "GET, HEAD, POST");
	return FALSE;
}

static gboolean
check_face(struct exchange *x)
{
	const struct page_route *route = x->route;

	if (!route->template && x->page.face == PAGE_HTML)
		x->page.face = PAGE_JSON;
	if ((x->page.face == PAGE_CSV && !route->csv) ||
	    (x->page.face == PAGE_XML && !route->has_xml)) {
		exchange_fail(x, 404, words_get("error.face"));
		return FALSE;
	}
	return TRUE;
}

static gboolean
identify_user(struct exchange *x, GError **error)
{
	g_autoptr(GError) question_error = NULL;
	g_autofree char *token = request_cookie(x->request, SESSION_COOKIE);

	if (!token)
		return TRUE;
	x->user = session_user(x->page.view, token, x->context.now, &question_error);
	if (question_error) {
		g_propagate_error(error, g_steal_pointer(&question_error));
		return FALSE;
	}
	x->page.user = x->user;
	if (!x->user)
		return TRUE;
	x->token = g_steal_pointer(&token);
	return query_user_rights(x->page.view, x->user, &x->page.rights, error);
}

static gboolean
identify(struct exchange *x, GError **error)
{
	const char *authorization = request_header(x->request, REQUEST_AUTHORIZATION);
	g_autoptr(GError) question_error = NULL;

	if (!authorization)
		return identify_user(x, error);
	x->program = auth_token_name(x->page.view, authorization, &x->page.rights, &question_error);
	if (!question_error)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&question_error));
	return FALSE;
}

static guint
needed_right(const struct exchange *x)
{
	return x->method == METHOD_POST ? x->route->post_right : x->route->get_right;
}

/*
 * A wrong token is none, whoever else asks. Only wrong ones count against the limit: they cannot be
 * guessed, and whoever sends a right one from the same address goes on.
 */
static gboolean
refuse_token(struct exchange *x)
{
	gint64 wait_s;

	if (ratelimit_take(x->site->bearers, request_peer(x->request), x->context.now, &wait_s)) {
		exchange_fail(x, 401, words_get("error.token"));
		exchange_add_header(x, "WWW-Authenticate",
				    "Bearer realm=\"dmarcd\", error=\"invalid_token\"");
	} else {
		g_autofree char *seconds = g_strdup_printf("%" G_GINT64_FORMAT, wait_s);

		exchange_fail(x, 429, words_get("error.tokens"));
		exchange_add_header(x, "Retry-After", seconds);
	}
	return FALSE;
}

static gboolean
refuse_stranger(struct exchange *x)
{
	gboolean wants_token = (needed_right(x) & RIGHTS_TOKEN) != 0;

	exchange_fail(x, 401, words_get(wants_token ? "error.no_token" : "error.session"));
	exchange_add_header(x, "WWW-Authenticate",
			    wants_token ? "Bearer realm=\"dmarcd\"" : "Session realm=\"dmarcd\"");
	return FALSE;
}

/*
 * A user may do what needs no right, or one that only tokens have; a token does nothing else than
 * what it was made for.
 */
static gboolean
has_right(const struct exchange *x)
{
	guint right = needed_right(x);

	if (x->program)
		return (x->page.rights & right) != 0;
	return x->user && (right & (guint)RIGHTS_ALL & ~x->page.rights) == 0;
}

static gboolean
is_for_all(const struct exchange *x)
{
	return x->route->is_public || (x->route->is_open && x->route->is_open(&x->context));
}

static gboolean
check_right(struct exchange *x)
{
	if (request_header(x->request, REQUEST_AUTHORIZATION) && !x->program)
		return refuse_token(x);
	if (is_for_all(x) || has_right(x))
		return TRUE;
	if (x->user || x->program) {
		exchange_fail(x, 403, words_get(x->user ? "error.right" : "error.token_right"));
		return FALSE;
	}
	if (x->page.face != PAGE_HTML)
		return refuse_stranger(x);

	g_autofree char *next =
		x->method == METHOD_POST
			? g_strdup("/")
			: g_uri_escape_string(request_target(x->request), "/", FALSE);
	g_autofree char *location = g_strconcat("/login?next=", next, NULL);
	exchange_redirect(x, g_str_equal(next, "/") ? "/login" : location);
	return FALSE;
}

/* The login form has no session that a token could belong to; the browser says where it stands. */
gboolean
exchange_may_change(const struct exchange *x)
{
	const struct request *request = x->request;
	gboolean is_foreign = csrf_is_foreign(request_header(request, REQUEST_SEC_FETCH_SITE),
					      request_header(request, REQUEST_ORIGIN),
					      request_header(request, REQUEST_HOST));

	/* No browser sends a token by itself. */
	if (x->program)
		return TRUE;
	return !is_foreign && (x->route->is_public ||
			       csrf_token_is_right(x->token, request_field(request, "_csrf")));
}

static gboolean
check_form(struct exchange *x)
{
	if (exchange_may_change(x))
		return TRUE;
	exchange_fail(x, 403, words_get("error.form"));
	return FALSE;
}

/* Pages change with the store, the program, the visitor, and at midnight. */
static char *
make_tag(const struct exchange *x)
{
	g_autofree char *text =
		g_strdup_printf("%" G_GINT64_FORMAT "\n%" G_GINT64_FORMAT "\n%s\n%s\n%s\n%d\n%s",
				store_view_version(x->page.view), x->context.now / 86400,
				x->site->build, x->token ? x->token : "", x->theme ? x->theme : "",
				(int)x->page.face, request_target(x->request));
	g_autofree char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);

	return g_strdup_printf("\"%.32s\"", digest);
}

static gboolean
set_limit(struct exchange *x)
{
	const char *limit = request_param(x->request, "limit");
	guint64 rows = MAX_ROWS;

	if (x->page.face == PAGE_HTML && !request_param(x->request, "print"))
		rows = HTML_ROWS;
	if (x->page.face == PAGE_JSON && limit &&
	    !g_ascii_string_to_unsigned(limit, 10, 1, MAX_ROWS, &rows, NULL)) {
		exchange_fail(x, 400, words_get("error.limit"));
		return FALSE;
	}
	x->page.limit = (guint)rows;
	return TRUE;
}

/* --- The page --- */

/* The handler fills the object that it finds, or puts another in its place. */
static gboolean
run(struct exchange *x, page_fn handler, GError **error)
{
	struct page *page = &x->page;
	json_t *blank = json_object();

	json_decref(page->root);
	page->root = blank;
	page->status = 200;
	gboolean is_ok = handler(page, error);
	if (page->root != blank)
		json_decref(blank);
	return is_ok;
}

static void
add_attachment(struct exchange *x, const char *name)
{
	g_autofree char *safe = g_strdup(name);
	g_autofree char *value = NULL;

	g_strcanon(safe, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-", '_');
	value = g_strdup_printf("attachment; filename=\"%s\"", safe);
	exchange_add_header(x, "Content-Disposition", value);
}

static void
answer_bytes(struct exchange *x)
{
	x->answer.status = x->page.status;
	x->answer.type = x->page.body_type ? x->page.body_type : "application/octet-stream";
	x->answer.body = g_bytes_ref(x->page.body);
	if (x->page.body_name)
		add_attachment(x, x->page.body_name);
}

/* Remember where the rows after these begin. */
static gboolean
note_next(struct exchange *x, GError **error)
{
	const char *next = json_string_value(json_object_get(x->page.root, "next"));
	const char *after = request_param(x->request, "after");

	x->has_more = next && next[0];
	if (!x->has_more)
		return TRUE;
	if (g_strcmp0(next, after) == 0) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_FATAL,
			    "the list of %s does not go on", request_path(x->request));
		return FALSE;
	}
	request_set_param(x->request, "after", next);
	return TRUE;
}

static void
answer_csv(struct exchange *x)
{
	g_autoptr(GError) error = NULL;
	const char *chosen = request_param(x->request, "columns");

	x->columns = render_csv_columns(x->route->csv, chosen, &error);
	if (!x->columns || !note_next(x, &error)) {
		exchange_fail_error(x, error);
		return;
	}

	const char *const *columns = (const char *const *)x->columns;
	x->piece = g_string_new(request_param(x->request, "bom") ? CSV_BOM : NULL);
	render_csv_header(columns, x->piece);
	render_csv_rows(columns, x->page.root, x->piece);
	x->answer.status = x->page.status;
	x->answer.type = TYPE_CSV;
	if (!x->has_more)
		x->answer.body = g_string_free_to_bytes(g_steal_pointer(&x->piece));

	g_autofree char *name =
		g_strconcat(x->route->file_name ? x->route->file_name : "dmarcd", ".csv", NULL);
	add_attachment(x, name);
}

static void
answer_json(struct exchange *x)
{
	GString *out = g_string_sized_new(32768);

	render_json(x->page.root, x->context.now, out);
	exchange_set_answer(x, x->page.status, TYPE_JSON, out);
}

static void
answer_page(struct exchange *x)
{
	const char *absent = json_string_value(json_object_get(x->page.root, "_absent"));

	if (x->page.location)
		exchange_redirect(x, x->page.location);
	else if (absent)
		exchange_fail(x, 404, absent);
	else if (x->page.body)
		answer_bytes(x);
	else if (x->page.face == PAGE_JSON)
		answer_json(x);
	else if (x->page.face == PAGE_CSV)
		answer_csv(x);
	else
		exchange_answer_html(x, x->page.status,
				     x->template ? x->template : x->route->template, x->page.root);
}

/* --- The whole --- */

static gboolean
open_view(struct exchange *x)
{
	g_autoptr(GError) error = NULL;

	if (!x->page.view)
		x->page.view = site_view(x->site, &error);
	if (!x->page.view)
		exchange_fail(x, 503, error->message);
	return x->page.view != NULL;
}

/* All that is asked before a page runs. FALSE: it is answered. */
static gboolean
admit(struct exchange *x)
{
	g_autoptr(GError) error = NULL;

	if (!check_method(x) || !check_face(x) || !set_limit(x) || !open_view(x))
		return FALSE;
	if (!identify(x, &error)) {
		exchange_fail_error(x, error);
		return FALSE;
	}
	return check_right(x);
}

/* Public pages say something else each time, and a CSV is not worth remembering. */
static gboolean
is_unchanged(struct exchange *x)
{
	if (x->method == METHOD_POST || x->route->is_public || x->route->is_open ||
	    x->page.face == PAGE_CSV)
		return FALSE;
	x->tag = make_tag(x);
	return exchange_answer_unchanged(x, x->tag);
}

static void
answer_route(struct exchange *x)
{
	page_fn handler = x->method == METHOD_POST ? x->route->post : x->route->get;
	g_autoptr(GError) error = NULL;

	if ((x->method == METHOD_POST && !check_form(x)) || is_unchanged(x))
		return;
	if (run(x, handler, &error))
		answer_page(x);
	else
		exchange_fail_error(x, error);
	if (x->answer.status != 200)
		g_clear_pointer(&x->tag, g_free);
}

/* A visitor who is signed in keeps the menu, to find the way back. */
static void
answer_nowhere(struct exchange *x)
{
	if (!open_view(x))
		return;
	identify(x, NULL);
	exchange_fail(x, 404, words_get("error.page"));
}

gboolean
exchange_admit(struct exchange *x)
{
	static const char files[] = "/static/";
	const char *path = request_path(x->request);
	g_autofree char *theme = request_cookie(x->request, "theme");

	if (x->is_admitted)
		return TRUE;

	x->page.request = x->request;
	x->page.face = request_face(x->request);
	if (g_strcmp0(theme, "light") == 0 || g_strcmp0(theme, "dark") == 0)
		x->theme = g_steal_pointer(&theme);
	if (g_str_has_prefix(path, files)) {
		exchange_answer_file(x, path + strlen(files));
		return FALSE;
	}
	x->route = router_find(x->site->pages, path, &x->tail);
	x->page.tail = x->tail;
	if (!x->route)
		answer_nowhere(x);
	x->is_admitted = x->route && admit(x);
	return x->is_admitted;
}

void
exchange_answer(struct exchange *x)
{
	if (exchange_admit(x))
		answer_route(x);
}

gboolean
exchange_more(struct exchange *x, GString *out, GError **error)
{
	if (x->piece) {
		g_string_append_len(out, x->piece->str, (gssize)x->piece->len);
		g_string_free(g_steal_pointer(&x->piece), TRUE);
		return TRUE;
	}
	if (!x->has_more || !run(x, x->route->get, error) || !note_next(x, error))
		return FALSE;
	render_csv_rows((const char *const *)x->columns, x->page.root, out);
	return TRUE;
}
