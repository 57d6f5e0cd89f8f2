/* SPDX-License-Identifier: MIT */
#include "web/router.h"

#include "web/pages.h"

#define PAGE_ROW(name) &page_##name,
static const struct page_route *const all_pages[] = { PAGES(PAGE_ROW) NULL };
#undef PAGE_ROW

/* The overview has no name of its own that a suffix could stand behind: /summary.json. */
static const char *
resolve_alias(const char *path)
{
	return g_str_equal(path, "/summary") ? "/" : path;
}

static gboolean
takes_tail(const struct page_route *page, const char *path, const char **ret_tail)
{
	gsize len = strlen(page->path);

	if (len < 2 || page->path[len - 1] != '*' || strncmp(page->path, path, len - 1) != 0)
		return FALSE;

	const char *tail = path + len - 1;
	if (*tail == '\0' || strchr(tail, '/'))
		return FALSE;
	*ret_tail = tail;
	return TRUE;
}

const struct page_route *const *
router_pages(void)
{
	return all_pages;
}

const struct page_route *
router_find(const struct page_route *const *pages, const char *path, const char **ret_tail)
{
	path = resolve_alias(path);
	for (guint i = 0; pages[i]; i++) {
		if (g_str_equal(pages[i]->path, path)) {
			*ret_tail = "";
			return pages[i];
		}
	}
	for (guint i = 0; pages[i]; i++) {
		if (takes_tail(pages[i], path, ret_tail))
			return pages[i];
	}
	return NULL;
}
