/* SPDX-License-Identifier: MIT */
#include "analysis/change_limits.h"

#include "core/history.h"

#define LIMIT(name, fallback, min, max, sentence)                                                 \
	{                                                                                         \
		#name, G_STRUCT_OFFSET(struct change_limits, name), fallback, min, max, sentence, \
	},

const struct weight_row change_limit_rows[] = {
#include "analysis/change_limit_list.h"
};
const gsize n_change_limit_rows = G_N_ELEMENTS(change_limit_rows);

struct change_limits
change_limits_default(void)
{
	struct change_limits limits;

	weight_rows_default(change_limit_rows, n_change_limit_rows, &limits);
	return limits;
}
