/* SPDX-License-Identifier: MIT */
/*
 * table.h - read a table of texts from untrusted bytes: TSV, or CSV of RFC 4180, with a header row.
 *
 * Cells come cleaned (core/text.h). A column is found by its name in the header; what a row lacks
 * is "". Bytes, rows, columns and the length of a cell are limited; beyond a limit reading stops
 * with LIMIT. Errors name the line.
 *
 * Owner: the caller keeps the bytes; a cell lives until the next row. Threads: one per reader.
 */
#ifndef ENRICH_TABLE_H
#define ENRICH_TABLE_H

#include <glib.h>

#define TABLE_BYTES_MAX   (32 * 1024 * 1024)
#define TABLE_ROWS_MAX    500000
#define TABLE_COLUMNS_MAX 64
#define TABLE_ITEMS_MAX   256

struct table {
	const char *at;
	const char *end;
	char separator; /* '\t', or ',' with quotes */
	GString *text;  /* all cells of the row, each ended by NUL */
	GArray *cells;  /* gsize: where in text each begins */
	GPtrArray *header;
	guint line;
	guint rows;
};

/* Read the header. INVALID where it lacks the column key. */
gboolean table_open(struct table *table, const char *bytes, gsize len, char separator,
		    const char *key, GError **error);
void table_close(struct table *table);

/* TRUE and *ret_row TRUE: a row; FALSE in it: the end. Empty lines are no rows. */
gboolean table_next(struct table *table, gboolean *ret_row, GError **error);

/* The cell of the column, "" where row or table lack it. */
const char *table_cell(const struct table *table, const char *column);

/* The items of a cell, split at ";" and lower case, at most TABLE_ITEMS_MAX. Caller frees. */
GStrv table_items(const struct table *table, const char *column);

/* Which of n words a cell is; fallback where it is none. */
guint table_word(const struct table *table, const char *column, const char *const *words, guint n,
		 guint fallback);

/* Has text the form of a domain of two labels or more, in lower case? */
gboolean table_is_domain(const char *text);

#endif
