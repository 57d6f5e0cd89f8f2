/* SPDX-License-Identifier: MIT */
#include "web/upload.h"

#include "core/error.h"
#include "core/text.h"
#include "web/say.h"
#include "web/words.h"

#define NAME_LEN_MAX 200

struct upload_desk {
	gsize mail_bytes;
	gsize max_bytes;
	GMutex lock; /* of what follows */
	gsize n_bytes;
	guint n_uploads;
	GHashTable *waiting; /* set of struct upload */
	gint64 closes_at;    /* monotonic, in microseconds; 0 = open */
};

/* A file with what nobody else has to see. */
struct entry {
	struct upload_file file; /* first: what pages see */
	struct upload *upload;
	GByteArray *collected; /* NULL once it is handed in */
	gsize n_bytes;
	gboolean is_done;
};

struct upload {
	gint n_refs;
	struct upload_desk *desk;
	GPtrArray *entries; /* struct entry * */
	gsize n_body_bytes;
	gsize max_body_bytes;
	GMutex lock; /* of what follows, once it is handed in */
	guint n_open;
	gboolean is_over;
	gint64 deadline; /* monotonic, in microseconds */
	upload_wake_fn wake;
	gpointer data;
};

/* --- The desk --- */

static void
desk_clear(gpointer data)
{
	struct upload_desk *desk = data;

	g_hash_table_unref(desk->waiting);
	g_mutex_clear(&desk->lock);
}

struct upload_desk *
upload_desk_new(gsize mail_bytes)
{
	struct upload_desk *desk = g_atomic_rc_box_new0(struct upload_desk);

	desk->mail_bytes = mail_bytes;
	/* One that is as large as may be always has room when it is alone. */
	desk->max_bytes = MAX(UPLOAD_BYTES, 2 * mail_bytes);
	desk->waiting = g_hash_table_new(NULL, NULL);
	g_mutex_init(&desk->lock);
	return desk;
}

void
upload_desk_free(struct upload_desk *desk)
{
	if (desk)
		g_atomic_rc_box_release_full(desk, desk_clear);
}

gsize
upload_desk_mail_bytes(const struct upload_desk *desk)
{
	return desk->mail_bytes;
}

static gboolean
fail_busy(const char *key, GError **error)
{
	g_set_error_literal(error, DMARCD_ERROR, DMARCD_ERROR_AGAIN, words_get(key));
	return FALSE;
}

static gboolean
desk_take(struct upload_desk *desk, gsize len, GError **error)
{
	g_mutex_lock(&desk->lock);
	gboolean has_room = desk->n_bytes + len <= desk->max_bytes;
	if (has_room)
		desk->n_bytes += len;
	g_mutex_unlock(&desk->lock);
	return has_room || fail_busy("upload.no_room", error);
}

static void
desk_give_back(struct upload_desk *desk, gsize len)
{
	g_mutex_lock(&desk->lock);
	desk->n_bytes -= len;
	g_mutex_unlock(&desk->lock);
}

/* --- The life of an upload --- */

static void
entry_free(gpointer data)
{
	struct entry *entry = data;

	if (entry->collected) {
		g_byte_array_unref(entry->collected);
		desk_give_back(entry->upload->desk, entry->n_bytes);
	}
	g_free(entry->file.name);
	g_free(entry->file.reason);
	g_free(entry);
}

static void
unref(struct upload *upload)
{
	if (!g_atomic_int_dec_and_test(&upload->n_refs))
		return;
	g_ptr_array_unref(upload->entries);
	g_mutex_lock(&upload->desk->lock);
	upload->desk->n_uploads--;
	g_mutex_unlock(&upload->desk->lock);
	upload_desk_free(upload->desk);
	g_mutex_clear(&upload->lock);
	g_free(upload);
}

static gboolean
fail_large(const struct upload_desk *desk, GError **error)
{
	g_autofree char *text =
		say_text("upload.too_large", word_count("n", (gint64)desk->mail_bytes));

	g_set_error_literal(error, DMARCD_ERROR, DMARCD_ERROR_LIMIT, text);
	return FALSE;
}

struct upload *
upload_new(struct upload_desk *desk, guint64 len, gsize slack, GError **error)
{
	if (len > desk->mail_bytes + slack) {
		fail_large(desk, error);
		return NULL;
	}
	g_mutex_lock(&desk->lock);
	gboolean is_taken = desk->n_uploads < UPLOAD_MAX_AT_ONCE && desk->closes_at == 0 &&
			    desk->n_bytes + len <= desk->max_bytes;
	if (is_taken)
		desk->n_uploads++;
	g_mutex_unlock(&desk->lock);
	if (!is_taken) {
		fail_busy("upload.no_room", error);
		return NULL;
	}

	struct upload *upload = g_new0(struct upload, 1);
	upload->n_refs = 1;
	upload->max_body_bytes = desk->mail_bytes + slack;
	upload->desk = g_atomic_rc_box_acquire(desk);
	upload->entries = g_ptr_array_new_with_free_func(entry_free);
	g_mutex_init(&upload->lock);
	return upload;
}

void
upload_free(struct upload *upload)
{
	if (upload)
		unref(upload);
}

/* --- Collecting --- */

/* What a browser calls a file is shown again: without its folders, clean and short. */
static char *
clean_name(const char *name)
{
	g_autoptr(GString) clean = g_string_new(NULL);

	for (const char *at = name; (at = strpbrk(at, "/\\"));)
		name = ++at;
	text_clean(name, strnlen(name, TEXT_LEN_MAX), clean);
	text_cut(clean, NAME_LEN_MAX);
	return g_string_free(g_steal_pointer(&clean), FALSE);
}

gboolean
upload_begin_file(struct upload *upload, const char *name, GError **error)
{
	if (upload->entries->len == UPLOAD_MAX_FILES) {
		g_autofree char *text =
			say_text("upload.too_many", word_count("n", UPLOAD_MAX_FILES));
		g_set_error_literal(error, DMARCD_ERROR, DMARCD_ERROR_LIMIT, text);
		return FALSE;
	}
	struct entry *entry = g_new0(struct entry, 1);
	entry->upload = upload;
	entry->file.name = clean_name(name);
	entry->collected = g_byte_array_new();
	g_ptr_array_add(upload->entries, entry);
	return TRUE;
}

gboolean
upload_append(struct upload *upload, const char *bytes, gsize len, GError **error)
{
	struct entry *entry = g_ptr_array_index(upload->entries, upload->entries->len - 1);

	if (!desk_take(upload->desk, len, error))
		return FALSE;
	entry->n_bytes += len;
	g_byte_array_append(entry->collected, (const guint8 *)bytes, (guint)len);
	return TRUE;
}

gboolean
upload_count(struct upload *upload, gsize len, GError **error)
{
	upload->n_body_bytes += len;
	return upload->n_body_bytes <= upload->max_body_bytes || fail_large(upload->desk, error);
}

gsize
upload_n_bytes(const struct upload *upload)
{
	return upload->n_body_bytes;
}

/* --- Waiting --- */

/* No more changes; tells who waits. upload->lock is held, and let go. */
static void
end(struct upload *upload)
{
	upload_wake_fn wake = upload->wake;
	gpointer data = upload->data;

	upload->is_over = TRUE;
	upload->wake = NULL;
	g_mutex_unlock(&upload->lock);
	g_mutex_lock(&upload->desk->lock);
	g_hash_table_remove(upload->desk->waiting, upload);
	g_mutex_unlock(&upload->desk->lock);
	if (wake)
		wake(data);
}

static void
on_done(gpointer cookie, enum outcome outcome, const char *reason, gint64 arrival)
{
	struct entry *entry = cookie;
	struct upload *upload = entry->upload;

	desk_give_back(upload->desk, entry->n_bytes);
	g_mutex_lock(&upload->lock);
	upload->n_open--;
	if (!upload->is_over) {
		entry->file.outcome = outcome;
		entry->file.reason = g_strdup(reason);
		entry->file.arrival = outcome == OUTCOME_RETRY ? 0 : arrival;
		entry->is_done = TRUE;
	}
	if (upload->is_over || upload->n_open > 0)
		g_mutex_unlock(&upload->lock);
	else
		end(upload);
	unref(upload);
}

static void
give_up(struct upload *upload)
{
	g_mutex_lock(&upload->lock);
	if (upload->is_over) {
		g_mutex_unlock(&upload->lock);
		return;
	}
	for (guint i = 0; i < upload->entries->len; i++) {
		struct entry *entry = g_ptr_array_index(upload->entries, i);
		if (entry->is_done)
			continue;
		entry->file.outcome = OUTCOME_RETRY;
		entry->file.reason = g_strdup(words_get("upload.late"));
	}
	end(upload);
}

static gboolean
is_late(const struct upload_desk *desk, const struct upload *upload, gint64 now)
{
	return now >= upload->deadline || (desk->closes_at > 0 && now >= desk->closes_at);
}

void
upload_desk_tick(struct upload_desk *desk)
{
	g_autoptr(GPtrArray) late = g_ptr_array_new();
	gint64 now = g_get_monotonic_time();
	GHashTableIter iter;
	gpointer key;

	g_mutex_lock(&desk->lock);
	g_hash_table_iter_init(&iter, desk->waiting);
	while (g_hash_table_iter_next(&iter, &key, NULL)) {
		struct upload *upload = key;
		if (!is_late(desk, upload, now))
			continue;
		g_atomic_int_inc(&upload->n_refs);
		g_ptr_array_add(late, upload);
	}
	g_mutex_unlock(&desk->lock);
	for (guint i = 0; i < late->len; i++) {
		give_up(late->pdata[i]);
		unref(late->pdata[i]);
	}
}

void
upload_desk_close(struct upload_desk *desk, gint64 seconds)
{
	g_mutex_lock(&desk->lock);
	desk->closes_at = g_get_monotonic_time() + seconds * G_TIME_SPAN_SECOND;
	g_mutex_unlock(&desk->lock);
}

static void
hand_in(struct entry *entry, const struct web_hooks *hooks, const char *who)
{
	g_autofree char *locator = g_strdup_printf(
		"upload:%s%s%s", who, entry->file.name[0] ? "/" : "", entry->file.name);
	g_autoptr(GBytes) bytes = g_byte_array_free_to_bytes(g_steal_pointer(&entry->collected));

	hooks->submit(hooks->submit_data, bytes, locator, on_done, entry);
}

void
upload_submit(struct upload *upload, const struct web_hooks *hooks, const char *who,
	      upload_wake_fn wake, gpointer data)
{
	guint n = upload->entries->len;

	upload->n_open = n;
	upload->deadline = g_get_monotonic_time() + UPLOAD_WAIT_S * G_TIME_SPAN_SECOND;
	upload->wake = wake;
	upload->data = data;
	/* A reference for each file, and one for this loop: the owner may be gone before its end.
	 */
	g_atomic_int_add(&upload->n_refs, (gint)n + 1);
	g_mutex_lock(&upload->desk->lock);
	g_hash_table_add(upload->desk->waiting, upload);
	gboolean is_closed = upload->desk->closes_at > 0;
	g_mutex_unlock(&upload->desk->lock);
	for (guint i = 0; i < n; i++)
		hand_in(g_ptr_array_index(upload->entries, i), hooks, who);
	if (is_closed)
		upload_desk_tick(upload->desk);
	unref(upload);
}

gboolean
upload_is_over(struct upload *upload)
{
	g_mutex_lock(&upload->lock);
	gboolean is_over = upload->is_over;
	g_mutex_unlock(&upload->lock);
	return is_over;
}

guint
upload_n_files(const struct upload *upload)
{
	return upload->entries->len;
}

const struct upload_file *
upload_file(const struct upload *upload, guint i)
{
	return g_ptr_array_index(upload->entries, i);
}
