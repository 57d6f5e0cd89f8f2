/* SPDX-License-Identifier: MIT */
#include "tests/support/sentence.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "web/words.h"

static gboolean
has_number(const struct why_line *line, const char *name)
{
	for (gsize i = 0; i < WHY_NUMBERS_MAX && line->numbers[i].name; i++)
		if (g_str_equal(line->numbers[i].name, name))
			return TRUE;
	return FALSE;
}

void
expect_sentence(const struct why_line *line, const char *filled)
{
	const char *text = words_number(line->key, line->numbers[0].n);

	if (strcmp(text, line->key) == 0)
		fail_msg("%s is not in the table", line->key);
	for (const char *at = strchr(text, '{'); at; at = strchr(at + 1, '{')) {
		g_autofree char *name = g_strndup(at + 1, strcspn(at + 1, "}"));
		if (g_strcmp0(name, filled) != 0 && !has_number(line, name))
			fail_msg("%s has no number for {%s}", line->key, name);
	}
}
