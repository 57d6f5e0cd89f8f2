/* SPDX-License-Identifier: MIT */
/*
 * sqlite_dictionary.h - words, addresses and sets as numbers: find or add, with a bounded cache.
 *
 * Ids are never taken back, so a cached one is good until the transaction that added it is rolled
 * back: then dictionaries_forget().
 */
#ifndef STORE_SQLITE_DICTIONARY_H
#define STORE_SQLITE_DICTIONARY_H

#include <glib.h>

#include "core/ip.h"
#include "store/sqlite_handle.h"

enum dictionary_kind {
	DICTIONARY_NAME,
	DICTIONARY_REPORTER,
	DICTIONARY_ADDRESS,
	DICTIONARY_AUTH_SET,
	DICTIONARY_REASON_SET,
	N_DICTIONARIES,
};

struct dictionaries;

struct dictionaries *dictionaries_new(struct db *db);
void dictionaries_free(struct dictionaries *dictionaries);

struct db *dictionaries_db(const struct dictionaries *dictionaries);

/* Drop what is cached, since ids may have been rolled back. */
void dictionaries_forget(struct dictionaries *dictionaries);

/* Find or add. FALSE and error on failure. */
gboolean dictionary_text(struct dictionaries *dictionaries, enum dictionary_kind kind,
			 const char *text, guint32 *ret_id, GError **error);
gboolean dictionary_address(struct dictionaries *dictionaries, const struct ip *ip, guint32 *ret_id,
			    GError **error);
gboolean dictionary_set(struct dictionaries *dictionaries, enum dictionary_kind kind,
			const GByteArray *body, guint32 *ret_id, GError **error);

#endif
