/* SPDX-License-Identifier: MIT */
#include "store/sqlite_tally.h"

#include "store/tally.h"

static void
merge(sqlite3_context *context, int n_values, sqlite3_value **values)
{
	g_autoptr(GArray) tally = tally_new();
	g_autoptr(GByteArray) bytes = g_byte_array_new();

	for (int i = 0; i < n_values; i++)
		if (!tally_unpack(tally, sqlite3_value_blob(values[i]),
				  (gsize)sqlite3_value_bytes(values[i]))) {
			sqlite3_result_error(context, "a tally is damaged", -1);
			sqlite3_result_error_code(context, SQLITE_CORRUPT);
			return;
		}
	tally_pack(bytes, tally);
	if (bytes->len == 0)
		sqlite3_result_zeroblob(context, 0);
	else
		sqlite3_result_blob(context, bytes->data, (int)bytes->len, SQLITE_TRANSIENT);
}

int
sqlite_tally_register(sqlite3 *handle)
{
	return sqlite3_create_function(handle, "tally_merge", 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC,
				       NULL, merge, NULL, NULL);
}
