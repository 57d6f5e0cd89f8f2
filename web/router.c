/* SPDX-License-Identifier: MIT */
#include "web/router.h"

#include <string.h>

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

/* Where in path the segment of the page's star begins, and how long it is. */
static gboolean
find_tail(const struct page_route *page, const char *path, gsize *ret_at, gsize *ret_len)
{
	const char *star = strchr(page->path, '*');

	if (!star || star == page->path ||
	    strncmp(page->path, path, (gsize)(star - page->path)) != 0)
		return FALSE;
	*ret_at = (gsize)(star - page->path);
	*ret_len = strcspn(path + *ret_at, "/");
	return *ret_len > 0 && g_str_equal(path + *ret_at + *ret_len, star + 1);
}

static void
set_tail(char **ret_tail, const char *start, gsize len)
{
	if (ret_tail)
		*ret_tail = g_strndup(start, len);
}

const struct page_route *const *
router_pages(void)
{
	return all_pages;
}

const struct page_route *
router_find(const struct page_route *const *pages, const char *path, char **ret_tail)
{
	gsize at;
	gsize len;

	path = resolve_alias(path);
	for (guint i = 0; pages[i]; i++) {
		if (g_str_equal(pages[i]->path, path)) {
			set_tail(ret_tail, "", 0);
			return pages[i];
		}
	}
	for (guint i = 0; pages[i]; i++) {
		if (find_tail(pages[i], path, &at, &len)) {
			set_tail(ret_tail, path + at, len);
			return pages[i];
		}
	}
	return NULL;
}
