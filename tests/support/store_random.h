/* SPDX-License-Identifier: MIT */
/*
 * store_random.h - reports at random, the same ones for the same number.
 */
#ifndef TESTS_SUPPORT_STORE_RANDOM_H
#define TESTS_SUPPORT_STORE_RANDOM_H

#include "core/document.h"

/*
 * The report of this number: three domains, four reporters, two dozen addresses and one text that
 * is none, days of the last 120 before today, now and then a period of several days or a day to
 * come, up to 20 records. One of two is a file that somebody handed in, so that it can accuse.
 */
struct document *random_document(guint32 number, gint64 today);

/* What random_document() has put into the report: counted messages and passes. */
struct random_sums {
	gint64 reports;
	gint64 messages;
	gint64 pass;
	gint64 records;
};
void random_sum(struct random_sums *sums, const struct document *document);

#endif
