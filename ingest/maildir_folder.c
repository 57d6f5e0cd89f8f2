/* SPDX-License-Identifier: MIT */
#include "ingest/maildir_folder.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "core/error.h"

static const char *const dir_names[N_MAILDIR_DIRS] = { "new", "cur" };

void
maildir_folder_free(struct maildir_folder *folder)
{
	if (!folder)
		return;
	for (int i = 0; i < N_MAILDIR_DIRS; i++)
		g_free(folder->dirs[i]);
	g_free(folder->name);
	g_free(folder);
}

/* ---- one folder ---- */

static gboolean
is_maildir(const char *path)
{
	for (int i = 0; i < N_MAILDIR_DIRS; i++) {
		g_autofree char *dir = g_build_filename(path, dir_names[i], NULL);
		if (!g_file_test(dir, G_FILE_TEST_IS_DIR))
			return FALSE;
	}
	return TRUE;
}

static gboolean
check_dir(const char *path, const char *dir, const char *dir_name, GError **error)
{
	if (g_access(dir, R_OK | W_OK | X_OK) != 0 && errno != ENOENT) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_DENIED,
			    "cannot read and write %s: %s", dir, g_strerror(errno));
		return FALSE;
	}
	if (g_file_test(dir, G_FILE_TEST_IS_DIR))
		return TRUE;
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_DENIED,
		    "%s is no Maildir: it has no directory %s/; create it with its owner's "
		    "rights, or mend the path",
		    path, dir_name);
	return FALSE;
}

static gboolean
is_listed(const GPtrArray *folders, const char *name)
{
	for (guint i = 0; i < folders->len; i++) {
		const struct maildir_folder *folder = g_ptr_array_index(folders, i);
		if (g_str_equal(folder->name, name))
			return TRUE;
	}
	return FALSE;
}

static gboolean
add(GPtrArray *folders, const char *name, const char *path, GError **error)
{
	if (is_listed(folders, name) || folders->len >= MAILDIR_FOLDERS_MAX)
		return TRUE;
	struct maildir_folder *folder = g_new0(struct maildir_folder, 1);
	folder->name = g_strdup(name);
	for (int i = 0; i < N_MAILDIR_DIRS; i++) {
		folder->dirs[i] = g_build_filename(path, dir_names[i], NULL);
		if (!check_dir(path, folder->dirs[i], dir_names[i], error)) {
			maildir_folder_free(folder);
			return FALSE;
		}
	}
	g_ptr_array_add(folders, folder);
	return TRUE;
}

/* ---- by name ---- */

static gboolean
add_named(const struct intake_config *config, const char *name, GPtrArray *folders, GError **error)
{
	g_autofree char *dotted = g_strconcat(config->path, "/.", name, NULL);
	g_autofree char *plain = g_build_filename(config->path, name, NULL);

	if (g_ascii_strcasecmp(name, MAILDIR_INBOX) == 0)
		return add(folders, MAILDIR_INBOX, config->path, error);
	if (strstr(name, "..") || *name == '/' || *name == '.') {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_DENIED,
			    "folders: \"%s\" is no name of a folder", name);
		return FALSE;
	}
	return add(folders, name, is_maildir(dotted) ? dotted : plain, error);
}

/* ---- by pattern ---- */

struct search {
	const struct intake_config *config;
	GPatternSpec *pattern;
	GPtrArray *folders;
};

static gboolean
is_target(const struct intake_config *config, const char *path)
{
	GStatBuf one, other;

	return *config->move_to && g_stat(path, &one) == 0 &&
	       g_stat(config->move_to, &other) == 0 && one.st_dev == other.st_dev &&
	       one.st_ino == other.st_ino;
}

static gboolean
may_be_folder(const char *entry, const char *path)
{
	static const char *const others[] = { "new", "cur", "tmp", NULL };

	return !g_strv_contains(others, entry) && g_file_test(path, G_FILE_TEST_IS_DIR) &&
	       !g_file_test(path, G_FILE_TEST_IS_SYMLINK);
}

/* One that cannot be read is none of ours: it was not asked for by name. */
static void
search_dir(const struct search *search, const char *path, const char *prefix, int depth)
{
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const char *entry;

	while (dir && depth < MAILDIR_DEPTH_MAX && (entry = g_dir_read_name(dir))) {
		g_autofree char *inner = g_build_filename(path, entry, NULL);
		g_autofree char *name =
			g_strconcat(prefix, *prefix ? "/" : "", entry + (*entry == '.'), NULL);
		if (!may_be_folder(entry, inner))
			continue;
		if (is_maildir(inner) && g_pattern_spec_match_string(search->pattern, name) &&
		    !is_target(search->config, inner))
			add(search->folders, name, inner, NULL);
		search_dir(search, inner, name, depth + 1);
	}
}

static void
add_pattern(const struct intake_config *config, const char *text, GPtrArray *folders)
{
	const struct search search = { config, g_pattern_spec_new(text), folders };

	if (g_pattern_spec_match_string(search.pattern, MAILDIR_INBOX))
		add(folders, MAILDIR_INBOX, config->path, NULL);
	search_dir(&search, config->path, "", 0);
	g_pattern_spec_free(search.pattern);
}

gboolean
maildir_find_folders(const struct intake_config *config, GPtrArray *folders, GError **error)
{
	if (!*config->folders)
		return add(folders, MAILDIR_INBOX, config->path, error);
	gboolean is_good = TRUE;
	for (char **name = config->folders; *name; name++) {
		if (strchr(*name, '*'))
			add_pattern(config, *name, folders);
		else if (!add_named(config, *name, folders, is_good ? error : NULL))
			is_good = FALSE;
	}
	return is_good;
}

gboolean
maildir_folder_is_there(const struct maildir_folder *folder)
{
	for (int i = 0; i < N_MAILDIR_DIRS; i++)
		if (!g_file_test(folder->dirs[i], G_FILE_TEST_IS_DIR))
			return FALSE;
	return TRUE;
}
