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
 * The page for path, or NULL. A route that ends in a star takes one more segment, which ret_tail
 * then points to (inside path); else ret_tail is "". A path that is written out wins over one with
 * a star.
 */
const struct page_route *router_find(const struct page_route *const *pages, const char *path,
				     const char **ret_tail);

#endif
