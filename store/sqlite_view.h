/* SPDX-License-Identifier: MIT */
/*
 * sqlite_view.h - the read-only handle behind struct store_view, and what all questions share.
 */
#ifndef STORE_SQLITE_VIEW_H
#define STORE_SQLITE_VIEW_H

#include <glib.h>

#include "store/judge.h"
#include "store/query.h"
#include "store/sqlite_handle.h"

/* The handle, with its time limit begun anew: once for each question. */
struct db *view_db(struct store_view *view);
const char *view_path(struct store_view *view);
gint64 view_now(struct store_view *view);
const struct store_judge *view_judge(struct store_view *view);

/* The id of an owned domain, 0 for NULL (all of them), -1 where there is none of this name. */
gboolean view_domain(struct store_view *view, const char *domain, gint64 *ret_id, GError **error);

/* The same for any domain that is named somewhere: the id of its name. */
gboolean view_any_domain(struct store_view *view, const char *domain, gint64 *ret_id,
			 GError **error);

/* The id of an address, 0 where the store has it not. */
gboolean view_address(struct store_view *view, const struct ip *ip, gint64 *ret_id, GError **error);

/* The last day of every window; 0 where the store is empty. */
gboolean view_last_day(struct store_view *view, gint64 *ret_day, GError **error);

/* The text of a name, "" for an unknown id. The view's, good until the next name is asked for. */
const char *view_peek_name(struct store_view *view, gint64 id);
char *view_name(struct store_view *view, gint64 id);

/* The case-folded name of a reporter. Caller frees. */
char *view_reporter(struct store_view *view, gint64 id);

/* Totals of a record set's answers, as text: what pages show. Appended to out. */
enum view_results {
	VIEW_SPF,
	VIEW_DKIM,
};
gboolean view_append_auth(struct store_view *view, gint64 auth_set, enum view_results which,
			  GString *out, GError **error);
gboolean view_append_reasons(struct store_view *view, gint64 reason_set, GString *out,
			     GError **error);

/* The same, each part into its own of columns[N_RECORD_COLUMNS], joined with ",". */
gboolean view_split_auth(struct store_view *view, gint64 auth_set, GString *const *columns,
			 GError **error);
gboolean view_split_reasons(struct store_view *view, gint64 reason_set, GString *const *columns,
			    GError **error);

/* A page of rows that free_row frees. */
struct query_page *view_page_new(GDestroyNotify free_row);

/*
 * Cursors are numbers joined with "-". FALSE and INVALID where after does not hold n of them; a
 * NULL after is FALSE without error.
 */
gboolean view_cursor_read(const char *after, gint64 *numbers, guint n, GError **error);
char *view_cursor_write(const gint64 *numbers, guint n);

#endif
