/* SPDX-License-Identifier: MIT */
/* Tables of senders, reporters and block lists, as TSV and as CSV: whatever is read can be found
 * again. */
#include <string.h>

#include "enrich/blocklists.h"
#include "enrich/catalogue.h"
#include "enrich/known_reporters.h"

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize len);

/* Whatever a table says, a find answers with a sender of its own, or none. */
static void
find_all(const struct catalogue *catalogue, const char *name)
{
	const struct sender *found[] = {
		catalogue_find_rdns(catalogue, name),     catalogue_find_dkim(catalogue, name),
		catalogue_find_spf(catalogue, name),      catalogue_find_id(catalogue, name),
		catalogue_find_selector(catalogue, name), catalogue_find_asn(catalogue, 64500),
	};

	for (gsize i = 0; i < G_N_ELEMENTS(found); i++) {
		if (!found[i])
			continue;
		g_assert_true(catalogue_find_id(catalogue, found[i]->id) == found[i]);
		g_assert_true(g_utf8_validate(found[i]->name, -1, NULL));
		g_assert_true(sender_category(found[i]) < N_CATEGORIES);
	}
}

int
LLVMFuzzerTestOneInput(const guint8 *bytes, gsize len)
{
	g_autoptr(catalogue_auto) catalogue = catalogue_new();
	g_autofree char *text = g_strndup((const char *)bytes, len);
	g_autoptr(known_reporters_auto) reporters = known_reporters_read(text, strlen(text), NULL);

	catalogue_add_senders(catalogue, text, strlen(text), NULL, NULL);
	catalogue_add_map(catalogue, text, strlen(text), NULL, NULL);
	find_all(catalogue, "out.mta.post.example");
	find_all(catalogue, text);
	const struct known_reporter *reporter =
		reporters ? known_reporters_find(reporters, "free.example") : NULL;
	if (reporter)
		known_reporter_is_established(reporter, "abuse@free.example");
	g_autoptr(blocklists_auto) blocklists = blocklists_read(text, strlen(text), NULL);
	const struct blocklist_row *row =
		blocklists ? blocklists_find(blocklists, "ip.list.example", 0x7f000002U) : NULL;
	g_assert_true(!row || (!row->is_closed && row->listing < N_LISTINGS));
	return 0;
}
