/* SPDX-License-Identifier: MIT */
#include "ingest/back_off.h"

#include "core/error.h"

void
back_off_reset(struct back_off *back_off)
{
	back_off->seconds = 0;
}

guint
back_off_next(struct back_off *back_off, const GError *error, gint64 *ret_ms)
{
	guint seconds = MAX(2 * back_off->seconds, 1);

	if (g_error_matches(error, DMARCD_ERROR, DMARCD_ERROR_DENIED))
		seconds = BACK_OFF_MAX_S;
	back_off->seconds = MIN(seconds, BACK_OFF_MAX_S);
	gint64 ms = (gint64)back_off->seconds * 1000;
	*ret_ms = ms * 3 / 4 + g_random_int_range(0, (gint32)(ms / 2));
	return back_off->seconds;
}
