/* SPDX-License-Identifier: MIT */
#include "store/sqlite_rejudge.h"

static const char *const mark_sources[] = {
	/* What is known of senders may have changed, and with it who is who. */
	"INSERT INTO unsettled SELECT DISTINCT address_id FROM source WHERE true ON CONFLICT DO "
	"NOTHING",
	"UPDATE voice SET is_heard = 1",
	/* The effect was that of other weights. */
	"UPDATE domain_passes SET effect = ''",
	NULL,
};

gboolean
rejudge_mark(struct db *db, gpointer data, GError **error)
{
	(void)data;
	for (gsize i = 0; mark_sources[i]; i++)
		if (!db_do(db, mark_sources[i], error))
			return FALSE;
	return TRUE;
}
