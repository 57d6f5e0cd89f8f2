/* SPDX-License-Identifier: MIT */
/*
 * Signing in, by password or by a link that works once, and signing out.
 *
 * The session's cookie is SameSite=Strict, so a browser that follows a link from another site does
 * not send it on that first request. Then a page of ours is answered that goes on at once; what it
 * loads comes from this site and carries the cookie.
 */
#include "core/ip.h"
#include "web/auth.h"
#include "web/exchange.h"
#include "web/pages.h"
#include "web/say.h"
#include "web/session.h"
#include "web/words.h"

static gboolean
comes_from_elsewhere(const struct page *page)
{
	return g_strcmp0(request_header(page->request, REQUEST_SEC_FETCH_SITE), "cross-site") == 0;
}

static void
show_form(struct page *page, guint status, const char *problem)
{
	const char *next = request_field(page->request, "next");
	const char *name = request_field(page->request, "username");

	if (!next)
		next = request_param(page->request, "next");
	page->status = status;
	page->root =
		json_pack("{s:s, s:s*, s:s*, s:s}", "next", request_local_path(next), "problem",
			  problem, "name", name, "_title", words_get("login.title"));
}

static void
go_on(struct page *page, const char *title, const char *next)
{
	exchange_of(page)->template = "onward";
	page->root = json_pack("{s:s, s:s, s:s}", "title", title, "_title", title, "_refresh",
			       request_local_path(next));
}

/* A new session for user; the answer carries its cookie. */
static gboolean
sign_in(struct page *page, const char *user, GError **error)
{
	const struct page_context *context = page->context;
	g_autofree char *token = session_start(context->store, user, context->now, error);

	if (!token)
		return FALSE;

	g_autofree char *cookie = session_cookie(token);
	exchange_add_header(exchange_of(page), "Set-Cookie", cookie);
	return TRUE;
}

static gboolean
use_link(struct page *page, const char *token, GError **error)
{
	g_autoptr(GError) edit_error = NULL;
	g_autofree char *user = NULL;
	g_autofree char *digest = session_digest(token);

	if (!store_edit_login_link_use(page->context->store, digest, &user, &edit_error)) {
		if (edit_error) {
			g_propagate_error(error, g_steal_pointer(&edit_error));
			return FALSE;
		}
		show_form(page, 403, words_get("login.used"));
		return TRUE;
	}
	if (!sign_in(page, user, error))
		return FALSE;
	if (comes_from_elsewhere(page))
		go_on(page, words_get("login.done"), "/");
	else
		page->location = g_strdup("/");
	return TRUE;
}

static gboolean
get(struct page *page, GError **error)
{
	const char *token = request_param(page->request, "token");
	const char *next = request_param(page->request, "next");

	/* A HEAD is a look, not a visit. */
	if (token && exchange_of(page)->method == METHOD_GET)
		return use_link(page, token, error);
	if (page->user)
		page->location = g_strdup(request_local_path(next));
	else if (comes_from_elsewhere(page))
		go_on(page, words_get("login.moment"), next);
	else
		show_form(page, 200, NULL);
	return TRUE;
}

/* Who has one address of an IPv6 network has them all. */
static char *
name_peer(const struct page *page)
{
	char text[IP_TEXT_LEN];
	struct ip ip;

	if (!ip_parse(request_peer(page->request), &ip))
		return g_strdup(request_peer(page->request));
	if (!ip_is_v4(&ip))
		memset(ip.bytes + 8, 0, 8);
	return g_strdup(ip_format(&ip, text));
}

static void
refuse_try(struct page *page, gint64 wait_s)
{
	g_autoptr(GDateTime) when = g_date_time_new_from_unix_utc(page->context->now + wait_s + 59);
	g_autofree char *clock = g_date_time_format(when, "%H:%M");
	g_autofree char *problem = say_text("login.later", word_text("time", clock));
	g_autofree char *seconds = g_strdup_printf("%" G_GINT64_FORMAT, wait_s);

	show_form(page, 429, problem);
	exchange_add_header(exchange_of(page), "Retry-After", seconds);
}

/* The password was right, wrong, or could not be looked at. */
static gboolean
check_password(struct page *page, const char *user, const char *password,
	       enum auth_answer *ret_answer, GError **error)
{
	g_autoptr(GError) question_error = NULL;
	g_autofree char *hash = query_password_hash(page->view, user, &question_error);

	if (question_error) {
		g_propagate_error(error, g_steal_pointer(&question_error));
		return FALSE;
	}
	*ret_answer = auth_check(&exchange_of(page)->site->auth, hash, password);
	return TRUE;
}

static gboolean
finish_try(struct page *page, const char *user, enum auth_answer answer, GError **error)
{
	switch (answer) {
	case AUTH_RIGHT:
		page->location = g_strdup(request_local_path(request_field(page->request, "next")));
		return sign_in(page, user, error);
	case AUTH_BUSY:
		show_form(page, 503, words_get("login.busy"));
		return TRUE;
	case AUTH_WRONG:
	default:
		show_form(page, 403, words_get("login.wrong"));
		return TRUE;
	}
}

static gboolean
post(struct page *page, GError **error)
{
	struct site *site = exchange_of(page)->site;
	const char *user = request_field(page->request, "username");
	const char *password = request_field(page->request, "password");
	g_autofree char *peer = name_peer(page);
	enum auth_answer answer;
	gint64 wait_s;

	if (!user || !password) {
		show_form(page, 403, words_get("login.both"));
		return TRUE;
	}
	if (!ratelimit_take(site->peers, peer, page->context->now, &wait_s) ||
	    !ratelimit_take(site->users, user, page->context->now, &wait_s)) {
		refuse_try(page, wait_s);
		return TRUE;
	}
	if (!check_password(page, user, password, &answer, error))
		return FALSE;
	if (answer != AUTH_WRONG) {
		ratelimit_give_back(site->peers, peer);
		ratelimit_give_back(site->users, user);
	}
	return finish_try(page, user, answer, error);
}

const struct page_route page_login = {
	.path = "/login",
	.template = "login",
	.get = get,
	.post = post,
	.is_public = TRUE,
};

static gboolean
post_logout(struct page *page, GError **error)
{
	struct exchange *x = exchange_of(page);
	g_autofree char *cookie = session_cookie(NULL);

	if (!session_end(page->context->store, x->token, error))
		return FALSE;
	exchange_add_header(x, "Set-Cookie", cookie);
	page->location = g_strdup("/login");
	return TRUE;
}

const struct page_route page_logout = {
	.path = "/logout",
	.template = "login",
	.post = post_logout,
};
