/* SPDX-License-Identifier: MIT */
#include "ingest/imap_folder.h"

#include "core/error.h"

/* A mail at which the connection was lost this often is left out for a while. */
#define LOSSES_MAX     2
#define LEFT_OUT_MIN_S 60
#define LEFT_OUT_MAX_S 3600

struct loss {
	guint n;
	gint64 left_out_s;
	gint64 until; /* monotonic seconds */
};

/* --- What is known of a mailbox --- */

struct imap_folder *
imap_folder_new(const char *name)
{
	struct imap_folder *folder = g_new0(struct imap_folder, 1);

	folder->name = g_strdup(name);
	folder->shown = imap_name_decode(name);
	folder->busy = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	folder->losses = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	return folder;
}

void
imap_folder_free(struct imap_folder *folder)
{
	if (!folder)
		return;
	g_free(folder->name);
	g_free(folder->shown);
	g_hash_table_unref(folder->busy);
	g_hash_table_unref(folder->losses);
	g_free(folder);
}

gboolean
imap_folder_open(struct imap_folder *folder, guint32 uidvalidity)
{
	gboolean is_changed = folder->uidvalidity != 0 && folder->uidvalidity != uidvalidity;

	if (is_changed) {
		folder->low_uid = 0;
		g_hash_table_remove_all(folder->losses);
	}
	folder->uidvalidity = uidvalidity;
	folder->top_uid = folder->low_uid;
	folder->trouble_uid = 0;
	return is_changed;
}

static gint64
busy_key(guint32 uidvalidity, guint32 uid)
{
	return (gint64)((guint64)uidvalidity << 32 | uid);
}

static gint64
seconds_now(void)
{
	return g_get_monotonic_time() / G_USEC_PER_SEC;
}

static gboolean
is_left_out(const struct imap_folder *folder, guint32 uid)
{
	const struct loss *loss = g_hash_table_lookup(folder->losses, GUINT_TO_POINTER(uid));

	return loss && seconds_now() < loss->until;
}

gboolean
imap_folder_wants(struct imap_folder *folder, guint32 uid)
{
	gint64 key = busy_key(folder->uidvalidity, uid);

	if (uid <= folder->low_uid)
		return FALSE;
	folder->top_uid = MAX(folder->top_uid, uid);
	if (is_left_out(folder, uid)) {
		imap_folder_note_trouble(folder, uid);
		return FALSE;
	}
	return !g_hash_table_contains(folder->busy, &key);
}

void
imap_folder_enter(struct imap_folder *folder, guint32 uid)
{
	gint64 *key = g_new(gint64, 1);

	*key = busy_key(folder->uidvalidity, uid);
	g_hash_table_add(folder->busy, key);
	g_hash_table_remove(folder->losses, GUINT_TO_POINTER(uid));
}

void
imap_folder_leave(struct imap_folder *folder, guint32 uidvalidity, guint32 uid)
{
	gint64 key = busy_key(uidvalidity, uid);

	g_hash_table_remove(folder->busy, &key);
}

void
imap_folder_note_trouble(struct imap_folder *folder, guint32 uid)
{
	if (folder->trouble_uid == 0 || uid < folder->trouble_uid)
		folder->trouble_uid = uid;
}

gint64
imap_folder_note_loss(struct imap_folder *folder, guint32 uid)
{
	struct loss *loss = g_hash_table_lookup(folder->losses, GUINT_TO_POINTER(uid));

	if (!loss) {
		loss = g_new0(struct loss, 1);
		g_hash_table_insert(folder->losses, GUINT_TO_POINTER(uid), loss);
	}
	if (++loss->n < LOSSES_MAX)
		return 0;
	loss->left_out_s = CLAMP(loss->left_out_s * 2, LEFT_OUT_MIN_S, LEFT_OUT_MAX_S);
	loss->until = seconds_now() + loss->left_out_s;
	return loss->left_out_s;
}

void
imap_folder_note_end(struct imap_folder *folder)
{
	if (g_hash_table_size(folder->busy) > 0)
		return;
	folder->low_uid = folder->trouble_uid > 0 ? folder->trouble_uid - 1 : folder->top_uid;
}

char *
imap_folder_unique_name(const struct imap_folder *folder, guint32 uid)
{
	return g_strdup_printf("%s/%u:%u", folder->name, folder->uidvalidity, uid);
}

char *
imap_folder_locator(const struct imap_folder *folder, const char *intake, guint32 uid)
{
	return g_strdup_printf("imap:%s/%s;UID=%u", intake, folder->shown, uid);
}

/* --- What is done with a handled mail --- */

static const char *const actions[] = {
	[IMAP_KEEP] = "keep",
	[IMAP_FLAG] = "flag",
	[IMAP_MOVE] = "move",
	[IMAP_DELETE] = "delete",
};

static gboolean
set_denied(GError **error, const char *text)
{
	g_set_error_literal(error, DMARCD_ERROR, DMARCD_ERROR_DENIED, text);
	return FALSE;
}

static gboolean
read_after(struct imap_policy *policy, const char *after, GError **error)
{
	policy->after = *policy->move_to ? IMAP_MOVE : IMAP_KEEP;
	if (!*after)
		return TRUE;
	for (gsize i = 0; i < G_N_ELEMENTS(actions); i++) {
		if (!g_str_equal(after, actions[i]))
			continue;
		policy->after = (enum imap_action)i;
		return TRUE;
	}
	return set_denied(error, "after is keep, flag, move or delete");
}

gboolean
imap_policy_init(struct imap_policy *policy, const struct intake_config *config, GError **error)
{
	policy->move_to = imap_name_encode(config->move_to);
	policy->failed_to = imap_name_encode(config->failed_to);
	if (!read_after(policy, config->after, error))
		return FALSE;
	if (policy->after == IMAP_MOVE && !*policy->move_to)
		return set_denied(error, "after = move needs move_to: the mailbox to move to");
	if (policy->after != IMAP_MOVE && *policy->move_to)
		return set_denied(error, "move_to is of no use with after = keep, flag or delete");
	return TRUE;
}

void
imap_policy_clear(struct imap_policy *policy)
{
	g_free(policy->move_to);
	g_free(policy->failed_to);
}

gboolean
imap_policy_is_reading(const struct imap_policy *policy)
{
	return policy->after == IMAP_KEEP && !*policy->failed_to;
}

static gboolean
flag(struct imap_session *session, const struct imap_mail *mail, enum imap_flag wanted,
     GError **error)
{
	return (mail->flags & wanted) || imap_session_flag(session, mail->uid, wanted, error);
}

/* Never deleted and never hidden: a person may want to see why. */
static gboolean
settle_failed(const struct imap_policy *policy, struct imap_session *session,
	      const struct imap_mail *mail, gboolean *ret_is_marked, GError **error)
{
	if (*policy->failed_to)
		return imap_session_move(session, mail->uid, policy->failed_to, ret_is_marked,
					 error);
	return policy->after != IMAP_FLAG || flag(session, mail, IMAP_FLAG_FLAGGED, error);
}

gboolean
imap_policy_apply(const struct imap_policy *policy, struct imap_session *session,
		  const struct imap_mail *mail, enum outcome outcome, gboolean *ret_is_marked,
		  GError **error)
{
	if (outcome == OUTCOME_IGNORED || (mail->flags & IMAP_FLAG_DELETED))
		return TRUE;
	if (outcome == OUTCOME_QUARANTINED)
		return settle_failed(policy, session, mail, ret_is_marked, error);
	switch (policy->after) {
	case IMAP_FLAG:
		return flag(session, mail, IMAP_FLAG_SEEN, error);
	case IMAP_MOVE:
		return imap_session_move(session, mail->uid, policy->move_to, ret_is_marked, error);
	case IMAP_DELETE:
		return imap_session_delete(session, mail->uid, ret_is_marked, error);
	case IMAP_KEEP:
	default:
		return TRUE;
	}
}

/* --- Which mailboxes --- */

static gboolean
is_pattern(const char *name)
{
	return strpbrk(name, "*%") != NULL;
}

gboolean
imap_policy_has_pattern(const struct intake_config *config)
{
	for (char **name = config->folders; *name; name++)
		if (is_pattern(*name))
			return TRUE;
	return FALSE;
}

static void
add_folder(GPtrArray *folders, const char *name)
{
	for (guint i = 0; i < folders->len; i++) {
		const struct imap_folder *folder = g_ptr_array_index(folders, i);
		if (g_str_equal(folder->name, name))
			return;
	}
	g_ptr_array_add(folders, imap_folder_new(name));
}

static gboolean
add_pattern(const struct intake_config *config, const char *pattern, struct imap_session *session,
	    GPtrArray *folders, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *moved = imap_name_encode(config->move_to);
	g_autofree char *failed = imap_name_encode(config->failed_to);

	if (!imap_session_list(session, pattern, names, error))
		return FALSE;
	for (guint i = 0; i < names->len && folders->len < IMAP_FOLDERS_MAX; i++) {
		const char *name = g_ptr_array_index(names, i);
		if (!g_str_equal(name, moved) && !g_str_equal(name, failed))
			add_folder(folders, name);
	}
	return TRUE;
}

/* A mailbox that is gone stays in the list: mails of it may be on their way. */
gboolean
imap_policy_find_folders(const struct intake_config *config, const char *from_url,
			 struct imap_session *session, GPtrArray *folders, GError **error)
{
	if (!config->folders[0]) {
		g_autofree char *name = imap_name_encode(*from_url ? from_url : "INBOX");
		add_folder(folders, name);
		return TRUE;
	}
	for (char **name = config->folders; *name; name++) {
		g_autofree char *encoded = imap_name_encode(*name);
		if (!is_pattern(encoded))
			add_folder(folders, encoded);
		else if (!add_pattern(config, encoded, session, folders, error))
			return FALSE;
	}
	return folders->len > 0 ||
	       set_denied(error, "the server has no mailbox that folders names");
}
