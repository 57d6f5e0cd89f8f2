/* SPDX-License-Identifier: MIT */
#include "web/render.h"

gboolean
render_html(const struct template_set *templates, const char *template, json_t *root, GString *out,
	    GError **error)
{
	const struct template_options options = {
		.name = "layout",
		.content = template,
		.group_digits = TRUE,
	};

	if (!template_render(templates, &options, root, out, error)) {
		g_prefix_error(error, "page \"%s\": ", template);
		return FALSE;
	}
	return TRUE;
}
