/* SPDX-License-Identifier: MIT */
/*
 * filter.h - what a page is asked to show: the filter in the URL, its form, and its sentence.
 *
 * A page says which fields it has; filter_read() reads and checks them and asks the store for the
 * bounds of the scope; filter_fill() writes into the tree what every page says of its filter:
 *
 *   filter            the values in force, null = all
 *   last_day          of the window, null while there is no mail
 *   complete_through  the youngest day for which all usual reporters have reported; null = unknown
 *   _filter _terms _completeness   form, sentence and hint for the template "filter"
 *   _is_empty         the store holds no report at all
 *   _has_mail         the scope has mail
 *   _t                the table of words
 */
#ifndef WEB_FILTER_H
#define WEB_FILTER_H

#include <glib.h>
#include <jansson.h>

#include "core/ip.h"
#include "store/query.h"
#include "web/page.h"

enum filter_field {
	FILTER_DOMAIN = 1 << 0,
	FILTER_PERIOD = 1 << 1,
	FILTER_CLASS = 1 << 2,
	FILTER_SORT = 1 << 3,     /* of sources: to do first, most messages first */
	FILTER_FIND = 1 << 4,     /* of sources: address or its beginning */
	FILTER_REPORTER = 1 << 5, /* of reports */
	FILTER_QUERY = 1 << 6,    /* of reports: the report id */
	FILTER_SOURCE = 1 << 7,   /* of failures: a whole address */
	FILTER_GROUP = 1 << 8, /* of sources: by address, sender, network or AS; filter_regroup() */
};

#define FILTER_LATE_MAX 3

struct filter {
	guint fields;
	struct scope scope; /* its domain is this filter's */
	char *domain;       /* NULL = all */
	enum class class;   /* CLASS_NONE = all */
	enum source_order order;
	const char *find; /* of the request; NULL = all */
	const char *reporter;
	const char *query;
	gboolean has_source;
	struct ip source;
	const char *source_text; /* as it was asked for; NULL = all */
	const char *after;
	struct query_bounds bounds;
	gboolean has_complete;
	gint64 complete_through;
	gint64 newest_reporters; /* that reported for the last day ... */
	gint64 newest_usual;     /* ... of how many usual ones; 0 = unknown */
};

/* INVALID names the parameter that makes no sense. On failure filter holds nothing. */
gboolean filter_read(struct filter *filter, const struct page *page, guint fields, GError **error);
void filter_clear(struct filter *filter);
typedef struct filter filter_auto;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(filter_auto, filter_clear)

/* The domain is in the path: the filter and its links carry it like a parameter. The bounds are the
 * caller's to ask for. */
void filter_set_domain(struct filter *filter, const char *domain);

gboolean filter_fill(const struct filter *filter, struct page *page, GError **error);

/*
 * Sources, senders and networks are pages of their own, the last one also by AS (by=as). Where the
 * request asks for another grouping than that of its page, page->location leads there with the rest
 * of the filter, and TRUE.
 */
gboolean filter_regroup(struct page *page);

/* Is this day younger than the last complete one? */
gboolean filter_is_late(const struct filter *filter, gint64 day);

/* The address of path with the filter's domain and period, and name=value (NULL: nothing more). */
char *filter_link(const struct filter *filter, const char *path, const char *name,
		  const char *value);

/* Make the tree of page with the words (_t), its title and its query (_query) in it; for pages
 * without filter. */
void page_begin(struct page *page, const char *title);

/* The rows of a list and its cursor into the tree: data, next, _next, _has_rows. Takes data. */
void page_add_list(struct page *page, json_t *data, const char *next);

#endif
