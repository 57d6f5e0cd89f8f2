/* SPDX-License-Identifier: MIT */
/* Archives: every entry is read, read again, and must then be the same. */
#include "ingest/unpack.h"

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize len);

static const struct parse_limits limits = {
	.unpacked_bytes = 1 << 20,
	.total_bytes = 4 << 20,
	.entries = 50,
};

static void
read_twice(struct unpack *unpack)
{
	g_autoptr(GByteArray) first = unpack_gather(unpack, NULL);

	if (!first)
		return;
	g_assert(first->len <= limits.unpacked_bytes);
	if (!unpack_again(unpack, NULL))
		return;
	g_autoptr(GByteArray) second = unpack_gather(unpack, NULL);
	g_assert(!second ||
		 (second->len == first->len &&
		  (first->len == 0 || memcmp(first->data, second->data, first->len) == 0)));
}

int
LLVMFuzzerTestOneInput(const guint8 *bytes, gsize len)
{
	struct unpack_budget budget = { .limits = &limits };
	enum sniff kind = sniff(bytes, MIN(len, SNIFF_LEN));
	g_autoptr(unpack_auto) unpack = unpack_open(bytes, len, kind, &budget, NULL);
	const struct unpack_entry *entry;

	while (unpack && unpack_next(unpack, &entry, NULL) == UNPACK_ENTRY) {
		g_assert(g_utf8_validate(entry->name, -1, NULL));
		read_twice(unpack);
	}
	g_assert(budget.entries <= limits.entries + 1);
	return 0;
}
