/* SPDX-License-Identifier: MIT */
#include "store/right.h"

#include "core/error.h"

static const struct {
	const char *name;
	enum right right;
} rights[] = {
	{ "ruf.read", RIGHT_RUF_READ },
	{ "upload", RIGHT_UPLOAD },
	{ "metrics", RIGHT_METRICS },
	{ "operator", RIGHT_OPERATOR },
};

gboolean
right_find(const char *name, guint of, guint *ret_right, GError **error)
{
	for (gsize i = 0; i < G_N_ELEMENTS(rights); i++) {
		if (!g_str_equal(rights[i].name, name) || !(of & rights[i].right))
			continue;
		*ret_right = rights[i].right;
		return TRUE;
	}
	g_autofree char *known = rights_text(of);
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
		    "there is no right \"%s\" here; the rights are: %s", name, known);
	return FALSE;
}

char *
rights_text(guint bits)
{
	GString *text = g_string_new(NULL);

	for (gsize i = 0; i < G_N_ELEMENTS(rights); i++)
		if (bits & rights[i].right)
			g_string_append_printf(text, "%s%s", text->len > 0 ? "," : "",
					       rights[i].name);
	return g_string_free(text, FALSE);
}
