/* SPDX-License-Identifier: MIT */
/* XML of aggregate reports, strict and repaired. */
#include "ingest/dmarc_read.h"
#include "ingest/dmarc_xml.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize len);

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	dmarc_xml_init();
	return 0;
}

int
LLVMFuzzerTestOneInput(const guint8 *bytes, gsize len)
{
	static const struct parse_limits limits = {
		.unpacked_bytes = 1 << 20,
		.total_bytes = 4 << 20,
		.entries = 50,
		.xml_depth = 64,
		.records = 1000,
	};
	struct unpack_budget budget = { .limits = &limits };
	g_autoptr(GPtrArray) documents =
		g_ptr_array_new_with_free_func((GDestroyNotify)document_free);
	g_autoptr(unpack_auto) unpack = unpack_open(bytes, len, SNIFF_XML, &budget, NULL);
	g_autoptr(GError) error = NULL;
	const struct unpack_entry *entry;

	g_assert(unpack_next(unpack, &entry, NULL) == UNPACK_ENTRY);
	enum dmarc_read_result result = dmarc_read(unpack, &limits, documents, &error);
	g_assert((result == DMARC_READ_DONE) == (error == NULL));
	g_assert(result != DMARC_READ_DONE || documents->len > 0);
	return 0;
}
