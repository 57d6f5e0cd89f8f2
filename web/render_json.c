/* SPDX-License-Identifier: MIT */
#include "web/render.h"

static void append_value(json_t *value, GString *out);

static int
append_bytes(const char *bytes, size_t len, void *out)
{
	g_string_append_len(out, bytes, (gssize)len);
	return 0;
}

static void
append_scalar(const json_t *value, GString *out)
{
	json_dump_callback(value, append_bytes, out, JSON_ENCODE_ANY | JSON_COMPACT);
}

static void
append_name(const char *name, GString *out)
{
	/* Names are ours: words and underscores, nothing to escape. */
	g_string_append_c(out, '"');
	g_string_append(out, name);
	g_string_append(out, "\":");
}

static void
append_members(json_t *object, GString *out)
{
	const char *name;
	json_t *value;
	gboolean is_first = TRUE;

	json_object_foreach(object, name, value)
	{
		if (name[0] == '_')
			continue;
		if (!is_first)
			g_string_append_c(out, ',');
		is_first = FALSE;
		append_name(name, out);
		append_value(value, out);
	}
}

static void
append_value(json_t *value, GString *out)
{
	size_t i;
	json_t *element;

	if (json_is_object(value)) {
		g_string_append_c(out, '{');
		append_members(value, out);
		g_string_append_c(out, '}');
	} else if (json_is_array(value)) {
		g_string_append_c(out, '[');
		json_array_foreach(value, i, element)
		{
			if (i > 0)
				g_string_append_c(out, ',');
			append_value(element, out);
		}
		g_string_append_c(out, ']');
	} else {
		append_scalar(value, out);
	}
}

void
render_json(json_t *root, gint64 generated_at, GString *out)
{
	g_string_append_c(out, '{');
	gsize begin = out->len;
	append_members(root, out);
	if (generated_at != 0 && !json_object_get(root, "generated")) {
		g_autoptr(GDateTime) when = g_date_time_new_from_unix_utc(generated_at);
		g_autofree char *text = g_date_time_format(when, "%Y-%m-%dT%H:%M:%SZ");

		if (out->len > begin)
			g_string_append_c(out, ',');
		append_name("generated", out);
		g_string_append_printf(out, "\"%s\"", text);
	}
	g_string_append(out, "}\n");
}
