/* SPDX-License-Identifier: MIT */
/* Questions about what a source is judged by. */
#include "store/sqlite_context.h"
#include "store/sqlite_view.h"

/* The row of a source, in rows; NULL where there is none. */
static const struct source_row *
read_source(struct store_view *view, const struct ip *ip, const char *domain, GArray *rows,
	    gint64 *ret_address, GError **error)
{
	gint64 domain_id;

	if (!view_domain(view, domain, &domain_id, error) ||
	    !view_address(view, ip, ret_address, error) || *ret_address == 0 || domain_id <= 0 ||
	    !source_rows_read(view_db(view), (guint32)*ret_address, rows, error))
		return NULL;
	for (guint i = 0; i < rows->len; i++) {
		const struct source_row *row = &g_array_index(rows, struct source_row, i);
		if (row->domain == domain_id)
			return row;
	}
	return NULL;
}

gboolean
query_source_facts(struct store_view *view, const struct ip *ip, const char *domain,
		   struct facts *ret_facts, GError **error)
{
	g_autoptr(GArray) rows = source_rows_new();
	gint64 address;
	const struct source_row *row = read_source(view, ip, domain, rows, &address, error);

	if (!row)
		return FALSE;
	g_autoptr(contexts_auto) contexts =
		contexts_new(view_db(view), view_judge(view), view_now(view));
	return contexts_facts(contexts, (guint32)address, row, ret_facts, error);
}

gboolean
query_source_alignment(struct store_view *view, const struct ip *ip, const char *domain,
		       gint64 *ret_messages, GError **error)
{
	g_autoptr(GArray) rows = source_rows_new();
	gint64 address;
	const struct source_row *row = read_source(view, ip, domain, rows, &address, error);

	if (!row)
		return FALSE;
	memset(ret_messages, 0, N_ALIGNMENTS * sizeof(*ret_messages));
	/* What is in no way aligned is not kept: it is the rest. */
	ret_messages[0] = row->facts.figures[SIDE_ALL].messages;
	for (guint i = 0; i < row->facts.lists->len; i++) {
		const struct tally_item *item =
			&g_array_index(row->facts.lists, struct tally_item, i);
		if (tally_kind(item) != TALLY_ALIGNMENT || tally_key(item) >= N_ALIGNMENTS)
			continue;
		ret_messages[tally_key(item)] = item->n;
		ret_messages[0] -= item->n;
	}
	return TRUE;
}
