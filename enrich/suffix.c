/* SPDX-License-Identifier: MIT */
#include "enrich/suffix.h"

#include <string.h>

#include "core/text.h"

#define NAME_LEN_MAX 253

gpointer
suffix_find(GHashTable *table, const char *name)
{
	g_autoptr(GString) folded = g_string_new_len(name, (gssize)strnlen(name, NAME_LEN_MAX + 2));

	text_fold_domain(folded);
	if (folded->len > NAME_LEN_MAX)
		return NULL;
	for (const char *at = folded->str; at; at = strchr(at, '.')) {
		if (*at == '.')
			at++;
		gpointer value = g_hash_table_lookup(table, at);
		if (value)
			return value;
	}
	return NULL;
}
