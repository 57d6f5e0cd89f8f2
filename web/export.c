/* SPDX-License-Identifier: MIT */
#include "web/export.h"

#include "core/error.h"
#include "web/page.h"
#include "web/request_private.h"
#include "web/router.h"

#define ROWS_AT_ONCE 1000

static const struct page_route *
find_page(const struct request *request, char **ret_tail)
{
	return router_find(router_pages(), request_path(request), ret_tail);
}

const char *const *
web_export_columns(const char *target)
{
	g_autoptr(request_auto) request = request_new(target, NULL);
	const struct page_route *route = request ? find_page(request, NULL) : NULL;

	return route ? route->csv : NULL;
}

json_t *
web_export_rows(const struct web_export *export, const char *after, GError **error)
{
	g_autoptr(request_auto) request = request_new(export->target, error);
	if (!request)
		return NULL;
	if (after)
		request_set_param(request, "after", after);
	const struct page_context context = {
		.store = export->store,
		.allow_documentation = export->allow_documentation,
		.weights = *export->weights,
		.version = DMARCD_VERSION,
		.now = g_get_real_time() / G_USEC_PER_SEC,
	};
	struct page page = {
		.context = &context,
		.view = export->view,
		.request = request,
		.face = PAGE_CSV,
		.user = "",
		/* Who may read the store's file sees all that is in it. */
		.rights = RIGHTS_ALL,
		.limit = ROWS_AT_ONCE,
		.root = json_object(),
	};
	g_autofree char *tail = NULL;
	const struct page_route *route = find_page(request, &tail);
	page.tail = tail;
	if (!route || !route->csv) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID, "%s is no list",
			    export->target);
		json_decref(page.root);
		return NULL;
	}
	if (route->get(&page, error))
		return page.root;
	json_decref(page.root);
	return NULL;
}
