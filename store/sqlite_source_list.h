/* SPDX-License-Identifier: MIT */
/*
 * sqlite_source_list.h - walks through the ordered indexes of the table source.
 */
#ifndef STORE_SQLITE_SOURCE_LIST_H
#define STORE_SQLITE_SOURCE_LIST_H

#include <glib.h>

#include "store/sqlite_view.h"

/*
 * source.rank, which lists walk: sources to review stand in the order of their score, those of
 * every other class in that of their messages, and their score is 0 here.
 */
#define SOURCE_SCORE_MAX          255
#define SOURCE_RANK(class, score) ((gint64)(class) * (SOURCE_SCORE_MAX + 1) + (score))

/* A place in a list of sources; also its cursor. */
struct source_key {
	enum class class;
	gint64 score; /* of class review where that decides; 0 elsewhere */
	gint64 messages;
	gint64 domain;
	gint64 address;
};

/* Before all others. */
extern const struct source_key source_key_first;

/* Most messages first, then domain and address downwards. */
gint source_key_compare(gconstpointer a, gconstpointer b);

char *source_key_write(const struct source_key *key);

struct source_walk {
	gint64 domain; /* 0 = all */
	enum window window;
	enum class class;
	gboolean by_score;      /* class review: the highest score first, then most messages */
	struct source_key from; /* the walk begins behind it */
	gint64 least;           /* without by_score: sources with fewer messages are left out */
	guint limit;
};

/* Append the next keys (struct source_key) of a class, most messages first unless by_score. */
gboolean source_list_walk(struct store_view *view, const struct source_walk *walk, GArray *keys,
			  GError **error);

/* Append the source of key to page; nothing where it is gone. */
gboolean source_list_add(struct store_view *view, const struct source_key *key, enum window window,
			 struct query_page *page, GError **error);

/* Read a row of the columns that sqlite_sources.c selects. */
struct query_source *source_list_read(struct store_view *view, sqlite3_stmt *statement,
				      enum window window, gint64 last_day);

/*
 * Where an address is: what to select and to join where id is its id, and how to read that from
 * column first on.
 */
#define PLACE_COLUMNS  "l.asn, l.country, l.as_name"
#define PLACE_JOIN(id) "LEFT JOIN address_place l ON l.address_id = " id " "
void source_place_read(struct store_view *view, sqlite3_stmt *statement, int first,
		       struct source_place *ret_place);

void query_source_free(gpointer data);

#endif
