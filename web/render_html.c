/* SPDX-License-Identifier: MIT */
#include "web/render.h"

gboolean
render_html(const struct template_set *templates, const char *template, json_t *root, GString *out,
	    GError **error)
{
	const struct template_options options = { .group_digits = TRUE, .content = template };

	if (!template_render(templates, "layout", root, &options, out, error)) {
		g_prefix_error(error, "page \"%s\": ", template);
		return FALSE;
	}
	return TRUE;
}
