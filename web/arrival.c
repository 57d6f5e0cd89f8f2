/* SPDX-License-Identifier: MIT */
#include "web/arrival.h"

#include "web/tree.h"
#include "web/words.h"

static const char *const paths[N_DOCUMENT_KINDS] = {
	[DOCUMENT_AGGREGATE] = "/reports",
	[DOCUMENT_FAILURE] = "/failures",
	[DOCUMENT_COMPLAINT] = "/complaints",
	[DOCUMENT_BOUNCE] = "/bounces",
	[DOCUMENT_TLS] = "/tls",
};

const char *
arrival_outcome(enum outcome outcome)
{
	g_autofree char *key = g_strconcat("status.did_", outcome_name(outcome), NULL);

	return words_get(key);
}

const char *
arrival_path(enum document_kind kind)
{
	return paths[kind];
}

json_t *
arrival_parts(const GPtrArray *parts)
{
	json_t *rows = json_array();

	for (guint i = 0; i < parts->len; i++) {
		const struct query_part *part = g_ptr_array_index(parts, i);
		json_t *row = json_object();
		tree_text(row, "part", part->part);
		tree_text(row, "kind", part->is_document ? document_kind_name(part->kind) : NULL);
		tree_text(row, "outcome", outcome_name(part->outcome));
		tree_text(row, "code", part->code);
		tree_text(row, "reason", part->reason);
		json_object_set_new(row, "id", part->id ? json_integer(part->id) : json_null());
		tree_text(row, "_outcome", arrival_outcome(part->outcome));
		json_object_set_new(row, "_link", json_null());
		if (part->id)
			tree_take(row, "_link",
				  g_strdup_printf("%s/%" G_GINT64_FORMAT, arrival_path(part->kind),
						  part->id));
		json_array_append_new(rows, row);
	}
	return rows;
}
