/* SPDX-License-Identifier: MIT */
/*
 * store_place.h - a store in a folder of its own, for one test, and mails handed to it.
 *
 * place_open() is cmocka's setup: *state is a struct place whose clock stands at noon of
 * PLACE_TODAY, and whose judge is that of the house. Everything aborts the test on failure.
 */
#ifndef TESTS_SUPPORT_STORE_PLACE_H
#define TESTS_SUPPORT_STORE_PLACE_H

#include <glib.h>

#include "store/query.h"
#include "store/store.h"
#include "tests/support/store_make.h"

#define PLACE_TODAY ((gint64)20500) /* 2026-02-16 */

struct store_place {
	char *folder;
	char *path;
	char *url;
	gint64 today;
	struct store *store;
	struct store_view *view; /* opened when it is first asked for */
};

int store_place_open(void **state);
int store_place_close(void **state);

/* Close the store and open it again, with another day for today where today is not 0. */
void store_place_reopen(struct store_place *place, gint64 today);
void store_place_shut(struct store_place *place);

struct store_view *store_place_view(struct store_place *place);

/* Submit a mail with these documents (takes them) and tell what became of it. */
enum outcome store_place_submit(struct store_place *place, struct document *document);
enum outcome store_place_submit_parsed(struct store_place *place, struct parsed *parsed,
				       const char *bytes, const char *reason);

/* The same for a kept mail that is read again. */
enum outcome store_place_submit_kept(struct store_place *place, gint64 kept, struct parsed *parsed);

/* Submit without waiting; count what becomes of it in outcomes. */
struct outcomes {
	gint of[N_OUTCOMES]; /* atomic */
};
void store_place_send(struct store_place *place, struct document *document,
		      struct outcomes *outcomes);
void store_place_flush(struct store_place *place);

/*
 * The database file itself, asked in SQL: a number, or rows as sorted lines of columns with "|"
 * behind each. Caller frees.
 */
gint64 store_place_number(struct store_place *place, const char *sql);
char *store_place_rows(struct store_place *place, const char *sql);

/* Change the database file behind the back of the store. */
void store_place_run(struct store_place *place, const char *sql);

/*
 * What must hold whenever nothing is pending: every rollup equals the sum of what it rolls up. The
 * test fails with the name of the rollup that does not.
 */
void store_place_check(struct store_place *place);

/* The rollups as text, with words instead of ids, in an order that arrival does not change. */
char *store_place_dump(struct store_place *place);

#endif
