/* SPDX-License-Identifier: MIT */
#include "core/error.h"
#include "ingest/file.h"
#include "ingest/maildir_folder.h"

static void
examine_folder(const struct maildir_folder *folder, intake_tell_fn tell, gpointer data)
{
	guint n[N_MAILDIR_DIRS] = { 0 };

	for (int dir = 0; dir < N_MAILDIR_DIRS; dir++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(GPtrArray) names = file_list(folder->dirs[dir], &error);
		if (!names) {
			tell(data, folder->name, FALSE, error->message);
			return;
		}
		n[dir] = names->len;
	}
	g_autofree char *text =
		g_strdup_printf("%u mails in new/, %u in cur/", n[MAILDIR_NEW], n[MAILDIR_CUR]);
	tell(data, folder->name, TRUE, text);
}

void
maildir_examine(const struct intake_config *config, intake_tell_fn tell, gpointer data)
{
	g_autoptr(GPtrArray) folders =
		g_ptr_array_new_with_free_func((GDestroyNotify)maildir_folder_free);
	g_autoptr(GError) error = NULL;
	gpointer maildir = intake_maildir.open(config, &error);

	if (!maildir || !maildir_find_folders(config, folders, &error)) {
		tell(data, config->path, FALSE, error->message);
	} else {
		tell(data, config->path, TRUE, "can be read and written");
		if (folders->len == 0)
			tell(data, "folders", FALSE, "none that folders names is there");
	}
	if (maildir)
		intake_maildir.close(maildir);
	for (guint i = 0; i < folders->len; i++)
		examine_folder(g_ptr_array_index(folders, i), tell, data);
}
