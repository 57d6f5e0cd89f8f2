/* SPDX-License-Identifier: MIT */
/*
 * router.h - from a path to the page that answers it.
 */
#ifndef WEB_ROUTER_H
#define WEB_ROUTER_H

#include "web/page.h"

/* All pages, ended by NULL. */
const struct page_route *const *router_pages(void);

/*
 * The page for path, or NULL. The star of a route takes one segment, which ret_tail then is; else
 * ret_tail is "". Caller frees it; NULL where nobody wants it. A path that is written out wins over
 * one with a star.
 */
const struct page_route *router_find(const struct page_route *const *pages, const char *path,
				     char **ret_tail);

#endif
