/* SPDX-License-Identifier: MIT */
/*
 * export.h - what `dmarcd export` can print: one row of export_kinds each.
 */
#ifndef APP_EXPORT_H
#define APP_EXPORT_H

#include <glib.h>
#include <jansson.h>

#include "store/query.h"

struct export
{
	struct store *store;
	struct store_view *view;
	gboolean allow_documentation;
};

struct export_kind {
	const char *name;
	/* NULL-terminated: members of the rows, cells of the CSV. */
	const char *const *(*columns)(void);
	/* An object with "data" and, where there is more, "next". NULL and error on failure. */
	json_t *(*rows)(struct export *export, const char *after, GError **error);
};

extern const struct export_kind export_kinds[];
extern const gsize n_export_kinds;

#endif
