/* SPDX-License-Identifier: MIT */
/*
 * sqlite_tally.h - the function tally_merge(A, B) of SQL: the sum of two packed tallies
 * (store/tally.h), so that a row of source_day is added to in one statement.
 */
#ifndef STORE_SQLITE_TALLY_H
#define STORE_SQLITE_TALLY_H

#include <sqlite3.h>

/* A result code of SQLite. */
int sqlite_tally_register(sqlite3 *handle);

#endif
