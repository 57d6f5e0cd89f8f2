/* SPDX-License-Identifier: MIT */
/*
 * check_document.h - for fuzz targets: is every text of a document what core/text promises?
 */
#ifndef TESTS_FUZZ_CHECK_DOCUMENT_H
#define TESTS_FUZZ_CHECK_DOCUMENT_H

#include "core/document.h"

static inline void
check_text(const char *text)
{
	g_assert_nonnull(text);
	g_assert_true(g_utf8_validate(text, -1, NULL));
}

static inline void
check_shape(const struct shape *shape, gconstpointer noun)
{
	for (gsize i = 0; i < shape->n_members; i++) {
		const struct member *m = &shape->members[i];
		const char *at = (const char *)noun + m->offset;
		if (m->kind == MEMBER_TEXT)
			check_text(*(const char *const *)(gconstpointer)at);
		if (m->kind == MEMBER_TEXTS) {
			GPtrArray *texts = *(GPtrArray *const *)(gconstpointer)at;
			for (guint k = 0; k < texts->len; k++)
				check_text(g_ptr_array_index(texts, k));
		}
		if (m->kind == MEMBER_ITEMS) {
			GArray *items = *(GArray *const *)(gconstpointer)at;
			for (guint k = 0; k < items->len; k++)
				check_shape(m->items, items->data + k * m->items->size);
		}
	}
}

static inline void
check_document(const struct document *document)
{
	const struct shape *shape = document_shape(document->kind);

	if (shape)
		check_shape(shape, document_noun_const(document));
	for (guint i = 0; i < document->warnings->len; i++)
		check_text(g_array_index(document->warnings, struct warning, i).text);
}

#endif
