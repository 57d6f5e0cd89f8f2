/* SPDX-License-Identifier: MIT */
#include "web/exchange.h"

#include "store/change_store.h"
#include "web/csrf.h"
#include "web/router.h"
#include "web/words.h"

/* A page that is not in the program has no entry. */
static const struct {
	const char *key; /* page_route.menu; its name is menu.KEY */
	const char *path;
	gboolean is_more; /* stands in the second menu */
	guint right;      /* enum right: who lacks it has no use for it */
} entries[] = {
	{ "overview", "/", FALSE, 0 },
	{ "sources", "/sources", FALSE, 0 },
	{ "takedown", "/takedown", FALSE, 0 },
	{ "changes", "/changes", FALSE, 0 },
	{ "domains", "/domains", FALSE, 0 },
	{ "reports", "/reports", TRUE, 0 },
	{ "failures", "/failures", TRUE, 0 },
	{ "reporters", "/reporters", TRUE, 0 },
	{ "tls", "/tls", TRUE, 0 },
	{ "rules", "/rules", TRUE, 0 },
	{ "status", "/status", TRUE, 0 },
	{ "upload", "/upload", TRUE, RIGHT_UPLOAD },
};

static gint64
count_of(struct exchange *x, const char *key)
{
	if (g_str_equal(key, "takedown"))
		return site_takedown_count(x->site, x->page.view);
	if (g_str_equal(key, "changes"))
		return site_change_count(x->page.view, x->user, x->context.now);
	return 0;
}

static json_t *
make_entry(struct exchange *x, guint i)
{
	const char *current = x->route ? x->route->menu : NULL;
	g_autofree char *key = g_strconcat("menu.", entries[i].key, NULL);
	json_t *entry = json_pack("{s:s, s:s}", "name", words_get(key), "href", entries[i].path);
	gint64 count = count_of(x, entries[i].key);

	if (g_strcmp0(current, entries[i].key) == 0)
		json_object_set_new(entry, "is_current", json_true());
	if (count > 0) {
		g_autofree char *of = g_strconcat("menu.count_", entries[i].key, NULL);
		json_object_set_new(entry, "count", json_integer(count));
		/* Changes are not counted any further. */
		if (count >= CHANGE_COUNT_MAX && g_str_equal(entries[i].key, "changes"))
			json_object_set_new(entry, "is_least", json_true());
		json_object_set_new(entry, "count_of", json_string(words_get(of)));
	}
	return entry;
}

static void
add_menu(struct exchange *x, json_t *root)
{
	json_t *menu = json_array();
	json_t *more = json_array();

	for (guint i = 0; i < G_N_ELEMENTS(entries); i++) {
		if (router_find(x->site->pages, entries[i].path, NULL) &&
		    (x->page.rights & entries[i].right) == entries[i].right)
			json_array_append_new(entries[i].is_more ? more : menu, make_entry(x, i));
	}
	json_object_set_new(root, "_menu", menu);
	json_object_set_new(root, "_more", more);
}

static void
add_text(json_t *root, const char *name, const char *text)
{
	json_object_set_new(root, name, json_string(text));
}

static void
add_here(struct exchange *x, json_t *root)
{
	g_autofree char *query = request_query_with(x->request, NULL, NULL);
	g_autofree char *here = g_strconcat(request_path(x->request), query, NULL);
	g_autofree char *encoded = g_uri_escape_string(here, "/", FALSE);

	add_text(root, "_here", here);
	add_text(root, "_here_encoded", encoded);
	if (g_str_equal(request_path(x->request), "/sources") && request_param(x->request, "q"))
		add_text(root, "_find", request_param(x->request, "q"));
}

void
exchange_add_frame(struct exchange *x, json_t *root)
{
	if (!json_object_get(root, "_title"))
		add_text(root, "_title", words_get("frame.title"));
	json_object_set_new(root, "_t", words_tree());
	add_text(root, "_style", site_address(x->site, "style.css"));
	add_text(root, "_script", site_address(x->site, "app.js"));
	add_text(root, "_mark", site_address(x->site, "mark.svg"));
	add_text(root, "_version", x->site->program_version);
	if (x->theme)
		add_text(root, "_theme", x->theme);
	if (x->request)
		add_here(x, root);
	if (x->user) {
		g_autofree char *csrf = csrf_token(x->token);

		add_text(root, "_user", x->user);
		add_text(root, "_csrf", csrf);
		if (x->page.rights & RIGHT_OPERATOR)
			json_object_set_new(root, "_is_operator", json_true());
		add_menu(x, root);
	}
}
