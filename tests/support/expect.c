/* SPDX-License-Identifier: MIT */
#include "tests/support/expect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <glib.h>

void
expect_start(const char *answer, const char *start)
{
	if (!g_str_has_prefix(answer, start))
		fail_msg("expected \"%s\", got \"%.600s\"", start, answer);
}

void
expect_has(const char *answer, const char *part)
{
	if (!strstr(answer, part))
		fail_msg("expected \"%s\" in \"%.2000s\"", part, answer);
}

void
expect_not(const char *answer, const char *part)
{
	if (strstr(answer, part))
		fail_msg("did not expect \"%s\" in \"%.2000s\"", part, answer);
}
