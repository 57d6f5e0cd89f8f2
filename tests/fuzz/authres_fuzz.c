/* SPDX-License-Identifier: MIT */
/* Authentication-Results: nothing of a server that is not ours is believed. */
#include <string.h>

#include "ingest/authres.h"

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize len);

int
LLVMFuzzerTestOneInput(const guint8 *bytes, gsize len)
{
	static const char *const trusted[] = { "mx.example.org", NULL };
	static const char *const nobody[] = { NULL };
	g_autoptr(fields_auto) head = fields_new();

	fields_read(head, bytes, len);
	struct authres ours = authres_read(head, trusted, "reporter.example");
	struct authres none = authres_read(head, nobody, "reporter.example");
	g_assert_true(ours.authenticated < N_AUTHENTICATED);
	g_assert_true(g_utf8_validate(ours.domain, -1, NULL));
	g_assert_true(none.authenticated == AUTHENTICATED_UNKNOWN);
	authres_clear(&ours);
	authres_clear(&none);
	return 0;
}
