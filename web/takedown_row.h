/* SPDX-License-Identifier: MIT */
/*
 * takedown_row.h - one address of the takedown list, and the checks of any address.
 */
#ifndef WEB_TAKEDOWN_ROW_H
#define WEB_TAKEDOWN_ROW_H

#include <glib.h>
#include <jansson.h>

#include "store/query_takedown.h"
#include "web/filter.h"

/*
 * The members that columns name, null where they are not known; sums; and for HTML _checks (the
 * guards in one line), _why, _domains, _href. New reference.
 */
json_t *takedown_row(const struct page *page, const struct filter *filter,
		     const char *const *columns, const struct query_takedown *row);

/*
 * takedown_checks, one element for each owned domain (that of the scope alone, where it has one):
 * domain, is_listed, guards (web/guard_marks.h), and for HTML _verdict, _line, and
 * _is_first of the first. Nothing where the address was never seen.
 */
gboolean takedown_add_checks(struct page *page, const struct scope *scope, const struct ip *ip,
			     GError **error);

#endif
