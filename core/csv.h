/* SPDX-License-Identifier: MIT */
/*
 * csv.h - write RFC 4180 lines that a spreadsheet cannot mistake for formulas.
 *
 * Cells are UTF-8, separated by commas, lines end in CR LF. A cell is quoted where it holds a
 * comma, a quote or a line break. Text that begins with = + - @ TAB or CR gets a leading ' (a
 * spreadsheet would run it); numbers are written bare.
 */
#ifndef CORE_CSV_H
#define CORE_CSV_H

#include <glib.h>

/* Three bytes that make spreadsheet programs read the file as UTF-8. */
#define CSV_BOM "\xef\xbb\xbf"

struct csv {
	GString *out; /* borrowed; lines are appended */
	gboolean is_in_line;
};

/* text NULL or "" is an empty cell. */
void csv_add_text(struct csv *csv, const char *text);
void csv_add_number(struct csv *csv, gint64 number);
void csv_end_line(struct csv *csv);

#endif
