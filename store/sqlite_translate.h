/* SPDX-License-Identifier: MIT */
/*
 * sqlite_translate.h - a report's words and sets as the store's ids, each resolved once.
 */
#ifndef STORE_SQLITE_TRANSLATE_H
#define STORE_SQLITE_TRANSLATE_H

#include <glib.h>

#include "core/report.h"
#include "store/pack.h"
#include "store/sqlite_dictionary.h"
#include "store/sqlite_row_reader.h"

/* Texts of a report's header that are kept as names. */
#define REPORT_NAMES 16

/*
 * More messages than any report can mean. What is beyond is not counted, so that no sum of reports
 * can leave the range of numbers.
 */
#define REPORT_MESSAGES_MAX G_GINT64_CONSTANT(1000000000000)

/* What a row of the table report says apart from its texts. */
struct report_row {
	gint64 revision_of; /* 0 = counted */
	gint64 arrival;
	gint64 received_at;
	guint32 domain;
	guint32 reporter;
	guint32 party;
	gint64 day;
	struct totals totals;
};

/*
 * Fill domain, reporter, day and totals of row, and records (struct stored_record) in the order of
 * address, seq.
 */
gboolean translate_report(struct dictionaries *dictionaries, struct row_reader *reader,
			  const struct report *report, struct report_row *row, GArray *records,
			  GError **error);

#endif
