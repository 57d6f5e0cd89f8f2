/* SPDX-License-Identifier: MIT */
/*
 * site.h - what all requests share: templates, static files, limits, the store's views.
 *
 * Made before the server starts and immutable from then on, but for what has a lock of its own.
 */
#ifndef WEB_SITE_H
#define WEB_SITE_H

#include <glib.h>

#include "web/auth.h"
#include "web/page.h"
#include "web/ratelimit.h"
#include "web/template.h"
#include "web/upload.h"
#include "web/web.h"

struct static_file {
	const char *type;
	GBytes *bytes;
	GBytes *zipped; /* gzip, or NULL where that is no shorter */
	char *version;  /* the beginning of its SHA-256 */
	char *address;  /* "/static/style.css?v=VERSION": may be kept for ever */
};

struct site {
	struct page_context context; /* without now */
	char *program_version;
	const struct page_route *const *pages;
	struct template_set *templates;
	GHashTable *files; /* name → struct static_file */
	char *build;       /* changes with the templates, for ETags */
	struct ratelimit *peers;
	struct ratelimit *users;
	struct ratelimit *bearers; /* wrong tokens, by address */
	struct auth auth;
	struct upload_desk *desk;
	gint64 started_at; /* Unix seconds */

	GMutex count_lock; /* how many addresses are to report, by the version of the store */
	gint64 count_version;
	gint64 count;
};

/* FATAL where an embedded file is broken. Keeps options->store and ->hooks, copies the rest. */
struct site *site_new(const struct web_options *options, const struct page_route *const *pages,
		      GError **error);
void site_free(struct site *site);
typedef struct site site_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(site_auto, site_free)

/* The view of the calling thread, opened when it is first asked for; it lives as the thread does.
 */
struct store_view *site_view(struct site *site, GError **error);

/* The address of a static file, "" where there is none of this name. */
const char *site_address(const struct site *site, const char *name);

/* How many addresses the takedown list has, for the menu; -1 where the store does not say. */
gint64 site_takedown_count(struct site *site, struct store_view *view);

/* How many changes of the last 30 days the user has not seen, for the menu; -1 likewise. */
gint64 site_change_count(struct store_view *view, const char *user, gint64 now);

#endif
