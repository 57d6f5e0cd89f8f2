/* SPDX-License-Identifier: MIT */
/*
 * table.h - read a table of texts from untrusted bytes: TSV, or CSV of RFC 4180, with a header row
 * or without one.
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
	guint rows_max;
};

struct table_input {
	const char *bytes;
	gsize len;
	char separator;
	const char *key; /* the column that the header must have; NULL = there is no header */
	guint bytes_max; /* 0 = TABLE_BYTES_MAX */
	guint rows_max;  /* 0 = TABLE_ROWS_MAX */
};

/* Hears of each row; its cells are gone after that. data is the caller's. */
typedef void (*table_row_fn)(gpointer data, const struct table *row);

/* All rows, without empty lines; row NULL = only see whether they can be read. INVALID, LIMIT. */
gboolean table_read(const struct table_input *input, table_row_fn row, gpointer data,
		    GError **error);

/* The cell of the column, "" where row or table lack it. */
const char *table_cell(const struct table *table, const char *column);

/* The nth cell from 0, "" where the row has fewer. */
const char *table_nth(const struct table *table, guint n);

/* The items of a cell, split at ";" and lower case, at most TABLE_ITEMS_MAX. Caller frees. */
GStrv table_items(const struct table *table, const char *column);

/* Which of n words a cell is; fallback where it is none. */
guint table_word(const struct table *table, const char *column, const char *const *words, guint n,
		 guint fallback);

/* Has text the form of a domain of two labels or more, in lower case? */
gboolean table_is_domain(const char *text);

#endif
