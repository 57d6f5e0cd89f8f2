/* SPDX-License-Identifier: MIT */
/* Senders, sources and selectors of a history. */
#include <string.h>

#include "core/report.h"
#include "store/pack.h"
#include "store/sqlite_history.h"
#include "store/sqlite_source_list.h"

/* What the index source_new is about. */
G_STATIC_ASSERT(CLASS_FIX == 1 && CLASS_REVIEW == 2 && CLASS_UNAUTHORIZED == 3);

#define KEY_MARK "._domainkey."

/* --- Senders --- */

struct sender_day {
	guint32 sender;
	gint64 day;
	gint64 messages;
	gint64 pass;
};

static guint
sender_day_hash(gconstpointer data)
{
	const struct sender_day *row = data;

	return row->sender * 2654435761U ^ (guint)row->day;
}

static gboolean
sender_day_equal(gconstpointer a, gconstpointer b)
{
	const struct sender_day *x = a;
	const struct sender_day *y = b;

	return x->sender == y->sender && x->day == y->day;
}

static void
add_sender_day(GHashTable *sums, const struct sender_day *more)
{
	struct sender_day *sum = g_hash_table_lookup(sums, more);

	if (!sum) {
		g_hash_table_add(sums, g_memdup2(more, sizeof(*more)));
		return;
	}
	sum->messages = count_add(sum->messages, more->messages);
	sum->pass = count_add(sum->pass, more->pass);
}

/* Large senders have many rows: they are added up here, without a sort. */
static gboolean
sum_senders(struct query_histories *histories, GHashTable *sums, GError **error)
{
	struct db *db = view_db(histories->view);
	enum db_row row;
	sqlite3_stmt *statement = db_prepare(
		db,
		"SELECT s.sender, d.day, d.messages, d.pass FROM source s CROSS JOIN source_day d "
		"ON d.address_id = s.address_id AND d.domain_id = s.domain_id AND d.day BETWEEN ?2 "
		"AND ?3 WHERE s.domain_id = ?1 AND s.rank IN (?4, ?5) AND s.n_all > 0 AND "
		"s.last_day >= ?2 AND s.sender > ?6",
		error);

	if (!statement)
		return FALSE;
	db_bind(statement, "iiiiii", histories->domain, histories_base(histories), histories->today,
		SOURCE_RANK(CLASS_AUTHORIZED, 0), SOURCE_RANK(CLASS_FIX, 0), (gint64)PACK_NO_NAME);
	while ((row = db_step(db, statement, error)) == DB_ROW) {
		const struct sender_day day = {
			.sender = (guint32)sqlite3_column_int64(statement, 0),
			.day = sqlite3_column_int64(statement, 1),
			.messages = sqlite3_column_int64(statement, 2),
			.pass = sqlite3_column_int64(statement, 3),
		};
		add_sender_day(sums, &day);
	}
	return row == DB_DONE;
}

gboolean
history_read_senders(struct query_histories *histories, GError **error)
{
	g_autoptr(GHashTable) sums =
		g_hash_table_new_full(sender_day_hash, sender_day_equal, g_free, NULL);
	GHashTableIter iter;
	gpointer key;

	if (!sum_senders(histories, sums, error))
		return FALSE;
	g_hash_table_iter_init(&iter, sums);
	while (g_hash_table_iter_next(&iter, &key, NULL)) {
		const struct sender_day *sum = key;
		const struct history_sender sender = {
			.sender = histories_text(histories,
						 view_peek_name(histories->view, sum->sender)),
			.day = sum->day,
			.messages = sum->messages,
			.pass = sum->pass,
		};
		g_array_append_val(histories->rows[HISTORY_SENDERS], sender);
	}
	return TRUE;
}

/* --- Sources --- */

gboolean
history_read_sources(struct query_histories *histories, GError **error)
{
	struct db *db = view_db(histories->view);
	enum db_row row;
	/* A user's rule with a negative number hides what it is about. */
	sqlite3_stmt *statement = db_prepare(
		db,
		"SELECT a.ip, s.class, p.asn, s.first_day, d.day, d.messages FROM (SELECT "
		"address_id, domain_id, class, first_day FROM source WHERE domain_id = ?1 AND "
		"first_day BETWEEN ?2 AND ?3 AND class BETWEEN 1 AND 3 AND address_id > 0 AND "
		"user_rule >= 0 ORDER BY first_day DESC LIMIT ?4) s CROSS JOIN address a ON a.id = "
		"s.address_id LEFT JOIN address_place p ON p.address_id = s.address_id CROSS JOIN "
		"source_day d ON d.address_id = s.address_id AND d.domain_id = s.domain_id AND "
		"d.day <= ?3",
		error);

	if (!statement)
		return FALSE;
	db_bind(statement, "iiii", histories->domain,
		histories->from - histories->question.source_days, histories->today,
		(gint64)HISTORY_SOURCES_MAX);
	while ((row = db_step(db, statement, error)) == DB_ROW) {
		struct history_source source = {
			.class = (enum class)sqlite3_column_int(statement, 1),
			.asn = (guint32)sqlite3_column_int64(statement, 2),
			.first_day = sqlite3_column_int64(statement, 3),
			.day = sqlite3_column_int64(statement, 4),
			.messages = sqlite3_column_int64(statement, 5),
		};
		memcpy(source.ip.bytes, sqlite3_column_blob(statement, 0),
		       MIN(sizeof(source.ip.bytes), (gsize)sqlite3_column_bytes(statement, 0)));
		g_array_append_val(histories->rows[HISTORY_SOURCES], source);
	}
	return row == DB_DONE;
}

/* --- Selectors --- */

/* "" where it has none: a home without a name is an address, as a negative number. */
static gboolean
read_home(struct query_histories *histories, const char *signature, const char **ret_home,
	  GError **error)
{
	struct db *db = view_db(histories->view);
	gint64 home;
	sqlite3_stmt *statement =
		db_prepare(db,
			   "SELECT h.home FROM name n JOIN signature_home h ON h.domain_id = ? AND "
			   "h.signature = n.id WHERE n.text = ?",
			   error);

	if (!statement ||
	    !db_number(db, db_bind(statement, "it", histories->domain, signature), 0, &home, error))
		return FALSE;
	*ret_home = home > PACK_NO_NAME
			    ? histories_text(histories, view_peek_name(histories->view, home))
			    : "";
	return TRUE;
}

/* Days come in order. */
static void
count_day(GHashTable *selectors, const char *signature, gint64 day)
{
	struct history_selector *selector = g_hash_table_lookup(selectors, signature);

	if (!selector) {
		selector = g_new0(struct history_selector, 1);
		selector->first_day = day;
		g_hash_table_insert(selectors, g_strdup(signature), selector);
	}
	selector->days += selector->days == 0 || selector->last_day != day;
	selector->last_day = day;
}

static gboolean
collect_selectors(struct query_histories *histories, GHashTable *selectors, GError **error)
{
	struct db *db = view_db(histories->view);
	enum db_row row;
	sqlite3_stmt *statement =
		db_prepare(db,
			   "SELECT day, signatures FROM signature_day WHERE domain_id = ? AND day "
			   "<= ? ORDER BY day",
			   error);

	if (!statement)
		return FALSE;
	db_bind(statement, "ii", histories->domain, histories->today);
	while ((row = db_step(db, statement, error)) == DB_ROW) {
		const char *text =
			view_peek_name(histories->view, sqlite3_column_int64(statement, 1));
		g_auto(GStrv) signatures = g_strsplit(text, " ", -1);
		for (char **signature = signatures; *signature; signature++)
			count_day(selectors, *signature, sqlite3_column_int64(statement, 0));
	}
	return row == DB_DONE;
}

gboolean
history_read_selectors(struct query_histories *histories, GError **error)
{
	g_autoptr(GHashTable) selectors =
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	GHashTableIter iter;
	gpointer key;
	gpointer value;

	if (!collect_selectors(histories, selectors, error))
		return FALSE;
	g_hash_table_iter_init(&iter, selectors);
	while (g_hash_table_iter_next(&iter, &key, &value)) {
		struct history_selector selector = *(struct history_selector *)value;
		const char *mark = strstr(key, KEY_MARK);
		if (!mark)
			continue;
		g_autofree char *name = g_strndup(key, (gsize)(mark - (const char *)key));
		selector.selector = histories_text(histories, name);
		selector.domain = histories_text(histories, mark + strlen(KEY_MARK));
		if (!read_home(histories, key, &selector.home, error))
			return FALSE;
		g_array_append_val(histories->rows[HISTORY_SELECTORS], selector);
	}
	return TRUE;
}
