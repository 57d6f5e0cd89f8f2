/* SPDX-License-Identifier: MIT */
/* A template, a zero byte, and the JSON that fills it. */
#include <glib.h>
#include <jansson.h>
#include <stdint.h>

#include "core/error.h"
#include "web/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char part[] = "<{{x}}\n{{>main}}>\n";
	const struct template_options options = { .name = "main",
						  .content = "part",
						  .group_digits = TRUE };
	g_autoptr(template_set_auto) set = template_set_new();
	g_autoptr(GString) out = g_string_new(NULL);
	g_autoptr(GError) error = NULL;
	const uint8_t *zero = size > 0 ? memchr(data, 0, size) : NULL;
	size_t len = zero ? (size_t)(zero - data) : size;
	json_t *root = zero ? json_loadb((const char *)zero + 1, size - len - 1, 0, NULL) : NULL;

	if (!root)
		root = json_pack("{s:i, s:[s, i, {s:n}], s:{s:b}}", "x", 1234, "list", "<a>", 0,
				 "x", "o", "p", 1);
	g_assert_true(template_set_add(set, "part", part, sizeof(part) - 1, NULL));
	if (template_set_add(set, "main", (const char *)data, len, &error)) {
		template_set_check(set, NULL);
		if (!template_render(set, &options, root, out, &error))
			g_assert_error(error, DMARCD_ERROR, DMARCD_ERROR_LIMIT);
		/* The last value may go over the limit, but not by more than itself. */
		g_assert_cmpuint(out->len, <=, TEMPLATE_MAX_BYTES + 6 * size + 1024);
	} else {
		g_assert_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID);
	}
	json_decref(root);
	return 0;
}
