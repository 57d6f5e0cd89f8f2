/* SPDX-License-Identifier: MIT */
/* Line 1 is a request's target, line 2 its cookies, the rest its body. */
#include <glib.h>
#include <stdint.h>

#include "web/request_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A link that keeps the filter must be read again as the same parameters. */
static void
check_link(const struct request *request)
{
	g_autofree char *query = request_query_with(request, "q", "a&b=c d");
	g_autofree char *target = g_strconcat("/x", query, NULL);

	if (strlen(target) > REQUEST_MAX_TARGET_BYTES)
		return;
	/* The parameter that was set may be one over the limit. */
	g_autoptr(request_auto) again = request_new(target, NULL);
	if (!again)
		return;
	g_assert_cmpstr(request_param(again, "q"), ==, "a&b=c d");
	g_assert_cmpstr(request_param(again, "domain"), ==, request_param(request, "domain"));
	g_assert_null(request_param(again, "after"));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = g_strndup((const char *)data, size);
	g_auto(GStrv) lines = g_strsplit(text, "\n", 3);

	if (!lines[0])
		return 0;
	g_autoptr(request_auto) request = request_new(lines[0], NULL);
	if (!request)
		return 0;

	g_assert_true(request_path(request)[0] == '/');
	g_assert_true(g_utf8_validate(request_path(request), -1, NULL));
	g_assert_null(strstr(request_path(request), "//"));
	g_assert_true(request_local_path(request_param(request, "next"))[0] == '/');
	check_link(request);
	if (lines[1]) {
		request_set_header(request, REQUEST_COOKIE, lines[1]);
		g_free(request_cookie(request, "theme"));
	}
	if (lines[1] && lines[2])
		request_set_body(request, lines[2], strlen(lines[2]), NULL);
	return 0;
}
