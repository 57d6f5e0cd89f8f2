/* SPDX-License-Identifier: MIT */
/* Light or dark, where the visitor does not want what the system says. */
#include "web/exchange.h"
#include "web/pages.h"
#include "web/words.h"

#define THEME_VALID_S (365 * 24 * 3600)

static const char *const choices[] = { "system", "light", "dark" };

static gboolean
get(struct page *page, GError **error)
{
	const char *theme = exchange_of(page)->theme;
	json_t *list = json_array();

	(void)error;
	for (guint i = 0; i < G_N_ELEMENTS(choices); i++) {
		g_autofree char *key = g_strconcat("appearance.", choices[i], NULL);
		json_t *choice =
			json_pack("{s:s, s:s}", "value", choices[i], "name", words_get(key));

		if (g_str_equal(choices[i], theme ? theme : "system"))
			json_object_set_new(choice, "is_chosen", json_true());
		json_array_append_new(list, choice);
	}
	page->root = json_pack("{s:o, s:s, s:s}", "choices", list, "next",
			       request_local_path(request_param(page->request, "next")), "_title",
			       words_get("appearance.title"));
	return TRUE;
}

static gboolean
post(struct page *page, GError **error)
{
	const char *theme = request_field(page->request, "theme");
	gboolean is_choice = g_strcmp0(theme, "light") == 0 || g_strcmp0(theme, "dark") == 0;
	g_autofree char *cookie =
		g_strdup_printf("theme=%s; Path=/; Max-Age=%d; HttpOnly; SameSite=Lax",
				is_choice ? theme : "", is_choice ? THEME_VALID_S : 0);

	(void)error;
	exchange_add_header(exchange_of(page), "Set-Cookie", cookie);
	page->location = g_strdup(request_local_path(request_field(page->request, "next")));
	return TRUE;
}

const struct page_route page_appearance = {
	.path = "/appearance",
	.template = "appearance",
	.get = get,
	.post = post,
};
