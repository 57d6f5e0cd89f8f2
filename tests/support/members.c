/* SPDX-License-Identifier: MIT */
#include "tests/support/members.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

gint64
number_of(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	if (!json_is_integer(value))
		fail_msg("%s is no number", name);
	return json_integer_value(value);
}

const char *
text_of(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

json_t *
row_of(const json_t *list, const char *name, const char *value)
{
	size_t i;
	json_t *row;

	json_array_foreach(list, i, row)
	{
		if (g_strcmp0(text_of(row, name), value) == 0)
			return row;
	}
	fail_msg("no row whose %s is %s", name, value);
	return NULL;
}
