/* SPDX-License-Identifier: MIT */
/* Is the program able to answer? For load balancers and container health checks. */
#include "web/pages.h"

#include "core/error.h"

static gboolean
get(struct page *page, GError **error)
{
	g_autoptr(GError) question_error = NULL;

	(void)error;
	query_has_users(page->view, &question_error);
	page->status = question_error ? 503 : 200;
	page->root = json_pack("{s:s}", "status", question_error ? "unavailable" : "ok");
	return TRUE;
}

const struct page_route page_healthz = {
	.path = "/healthz",
	.get = get,
	.is_public = TRUE,
};
