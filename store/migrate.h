/* SPDX-License-Identifier: MIT */
/*
 * migrate.h - make the database file and bring its schema up to date.
 *
 * Migrations are the numbered files schema/sqlite/NNNN_*.sql, forward only, each applied in one
 * transaction. The file carries our application id and the number of its last migration.
 */
#ifndef STORE_MIGRATE_H
#define STORE_MIGRATE_H

#include <glib.h>

struct db;

/* Make the folder (mode 0700) and an empty file (mode 0600) where there is none. */
gboolean migrate_make_file(const char *path, GError **error);

/*
 * Apply what is missing. INVALID where the file knows more than we do, and where it is not ours; a
 * file of no bytes is ours to begin.
 */
gboolean migrate_run(struct db *db, GError **error);

/* Is the file ours, and its schema what we know? For those that may only read. */
gboolean migrate_check(struct db *db, GError **error);

#endif
