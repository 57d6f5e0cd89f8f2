/* SPDX-License-Identifier: MIT */
#include "store/sqlite_rule_edit.h"

#include "core/error.h"
#include "store/sqlite_rule_reach.h"
#include "store/store_private.h"

#define DAY_S 86400

/* --- What makes sense --- */

static gboolean
check_text(const char *what, const char *text, gsize max, GError **error)
{
	if (strlen(text) > max) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_LIMIT,
			    "the rule's %s is longer than max_rule_%s_bytes (%zu)", what, what,
			    max);
		return FALSE;
	}
	gboolean is_plain = g_utf8_validate(text, -1, NULL);
	for (const char *at = text; is_plain && *at; at = g_utf8_next_char(at))
		is_plain = !g_unichar_iscntrl(g_utf8_get_char(at));
	if (!is_plain)
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
			    "the rule's %s is not text without control characters", what);
	return is_plain;
}

static gboolean
check_draft(const struct rule_draft *draft, gint64 now, GError **error)
{
	const struct user_rule *rule = &draft->rule;

	if (!check_text("match", rule->text, RULE_MATCH_MAX_BYTES, error) ||
	    !check_text("domain", rule->domain, RULE_MATCH_MAX_BYTES, error) ||
	    !check_text("note", draft->note, RULE_NOTE_MAX_BYTES, error))
		return FALSE;
	if (*rule->text && rule->kind < N_RULE_KINDS && rule->class < N_RULE_CLASSES &&
	    (rule->expires_at == 0 || (rule->expires_at > now && rule->expires_at % DAY_S == 0)))
		return TRUE;
	g_set_error_literal(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
			    "a rule matches something, and expires on a day after today, or never");
	return FALSE;
}

static gboolean
check_end(struct db *db, gint64 id, GError **error)
{
	gint64 is_there;
	sqlite3_stmt *statement = db_prepare(
		db, "SELECT EXISTS (SELECT 1 FROM user_rule WHERE id = ? AND ended_at = 0)", error);

	if (!statement || !db_number(db, db_bind(statement, "i", id), 0, &is_there, error))
		return FALSE;
	if (!is_there)
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
			    "no rule of number %" G_GINT64_FORMAT " is in force", id);
	return is_there != 0;
}

gboolean
rule_edit_check(struct db *db, const struct rule_change *change, gint64 now, GError **error)
{
	if (change->n_adds > RULES_AT_ONCE_MAX) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_LIMIT,
			    "these are more rules than max_rules_at_once (%d)", RULES_AT_ONCE_MAX);
		return FALSE;
	}
	for (guint i = 0; i < change->n_adds; i++)
		if (!check_draft(&change->adds[i], now, error))
			return FALSE;
	return change->ends == 0 || check_end(db, change->ends, error);
}

static gboolean
check_number(struct db *db, const struct rule_change *change, GError **error)
{
	gint64 in_force;
	sqlite3_stmt *statement =
		db_prepare(db, "SELECT count(*) FROM user_rule WHERE ended_at = 0", error);

	if (!statement || !db_number(db, statement, 0, &in_force, error))
		return FALSE;
	if (in_force - (change->ends != 0) + change->n_adds <= RULES_MAX)
		return TRUE;
	g_set_error(
		error, DMARCD_ERROR, DMARCD_ERROR_LIMIT,
		"there would be more rules in force than max_rules (%d); end some, or say it by "
		"network",
		RULES_MAX);
	return FALSE;
}

/* --- The edit --- */

static gboolean
end_rule(struct db *db, const struct rule_edit *edit, GError **error)
{
	sqlite3_stmt *statement = db_prepare(
		db, "UPDATE user_rule SET ended_at = ?2, ended_by = ?3 WHERE id = ?1", error);

	if (!statement)
		return FALSE;
	db_bind(statement, "iit", edit->change->ends, edit->now, edit->author);
	return db_run(db, statement, error) &&
	       rule_reach_mark_labelled(db, edit->change->ends, error);
}

static gboolean
add_rule(struct db *db, const struct rule_edit *edit, const struct rule_draft *draft,
	 gint64 *ret_id, GError **error)
{
	const struct user_rule *rule = &draft->rule;
	sqlite3_stmt *statement =
		db_prepare(db,
			   "INSERT INTO user_rule (kind, class, match, domain, ip, prefix, asn, "
			   "note, author, made_at, expires_at, ended_at, ended_by) VALUES "
			   "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, '')",
			   error);

	if (!statement)
		return FALSE;
	db_bind(statement, "iittbiittii", (gint64)rule->kind, (gint64)rule->class, rule->text,
		rule->domain, rule->ip.bytes, (int)sizeof(rule->ip.bytes), (gint64)rule->prefix,
		(gint64)rule->asn, draft->note, edit->author, edit->now, rule->expires_at);
	if (!db_run(db, statement, error))
		return FALSE;
	*ret_id = sqlite3_last_insert_rowid(db->handle);
	return rule_reach_mark(db, rule, error);
}

gboolean
rule_edit_apply(struct db *db, gpointer data, GError **error)
{
	struct rule_edit *edit = data;
	const struct rule_change *change = edit->change;

	if (!check_text("author", edit->author, RULE_AUTHOR_MAX_BYTES, error) ||
	    !rule_edit_check(db, change, edit->now, error) || !check_number(db, change, error) ||
	    (change->ends != 0 && !end_rule(db, edit, error)))
		return FALSE;
	for (guint i = 0; i < change->n_adds; i++) {
		gint64 id;
		if (!add_rule(db, edit, &change->adds[i], &id, error))
			return FALSE;
		if (i == 0)
			edit->first_id = id;
	}
	return TRUE;
}

gboolean
store_edit_rules(struct store *store, const struct rule_change *change, const char *author,
		 gint64 *ret_first_id, GError **error)
{
	struct rule_edit edit = { .change = change, .author = author, .now = store_now(store) };

	if (!store_edit(store, rule_edit_apply, &edit, error))
		return FALSE;
	/* It is saved: who is told otherwise would save it again. What is marked stays marked. */
	store_flush(store, NULL);
	if (ret_first_id)
		*ret_first_id = edit.first_id;
	return TRUE;
}
