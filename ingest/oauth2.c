/* SPDX-License-Identifier: MIT */
#include "ingest/oauth2.h"

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "core/error.h"
#include "ingest/oauth2_ask.h"
#include "ingest/secret.h"

/* A token that expires within this time is not begun with. */
#define MARGIN_S     60
#define LOCK_WAIT_S  60
#define LOCK_STEP_MS 100

struct oauth2 {
	struct oauth2_provider *provider;
	char *access_token; /* NULL = none */
	gint64 expires_at;
	gboolean is_new;     /* the access token was not there at the call before */
	char *refresh_token; /* what could not be written, NULL = all is on disk */
	char *replaced;      /* what is in the file in its place */
	char *trouble;
};

static gint64
unix_now(void)
{
	return g_get_real_time() / G_USEC_PER_SEC;
}

/* --- The file of the refresh token --- */

static gboolean
is_stopped(GCancellable *cancel, gint64 deadline, GError **error)
{
	if (!g_cancellable_is_cancelled(cancel) && unix_now() < deadline)
		return FALSE;
	g_set_error_literal(error, DMARCD_ERROR, DMARCD_ERROR_AGAIN,
			    "another dmarcd is busy with oauth_token_file");
	return TRUE;
}

/* Held until the descriptor is closed; -1 and error. */
static int
lock_folder(const char *path, GCancellable *cancel, GError **error)
{
	g_autofree char *folder = g_path_get_dirname(path);
	gint64 deadline = unix_now() + LOCK_WAIT_S;
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_DENIED,
			    "oauth_token_file: cannot open the folder %s: %s", folder,
			    g_strerror(errno));
		return -1;
	}
	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (is_stopped(cancel, deadline, error)) {
			close(fd);
			return -1;
		}
		g_usleep((gulong)LOCK_STEP_MS * 1000);
	}
	return fd;
}

/* What could not be written is newer than the file, unless somebody has logged in meanwhile. */
static char *
read_refresh_token(struct oauth2 *oauth2, GError **error)
{
	const struct intake_config *config = oauth2->provider->config;
	char *kept;

	if (!g_file_test(config->oauth_token_file, G_FILE_TEST_EXISTS)) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_DENIED,
			    "nobody has logged in yet (there is no %s): `dmarcd oauth login %s`",
			    config->oauth_token_file, config->name);
		return NULL;
	}
	kept = secret_from_file(config->oauth_token_file, error);
	if (!kept)
		g_prefix_error(error, "oauth_token_file: ");
	if (!kept || !oauth2->refresh_token)
		return kept;
	if (g_str_equal(kept, oauth2->replaced)) {
		secret_free(kept);
		return g_strdup(oauth2->refresh_token);
	}
	g_clear_pointer(&oauth2->refresh_token, secret_free);
	return kept;
}

static void
write_refresh_token(struct oauth2 *oauth2, const char *old, const char *new)
{
	g_autoptr(GError) error = NULL;

	g_clear_pointer(&oauth2->trouble, g_free);
	if (secret_to_file(oauth2->provider->config->oauth_token_file, new, &error)) {
		g_clear_pointer(&oauth2->refresh_token, secret_free);
		g_clear_pointer(&oauth2->replaced, secret_free);
		return;
	}
	if (!oauth2->refresh_token)
		oauth2->replaced = g_strdup(old);
	secret_free(oauth2->refresh_token);
	oauth2->refresh_token = g_strdup(new);
	oauth2->trouble = g_strdup(error->message);
}

/* --- Asking for an access token --- */

static void
take_token(struct oauth2 *oauth2, struct oauth2_answer *answer)
{
	secret_free(oauth2->access_token);
	oauth2->access_token = g_steal_pointer(&answer->access_token);
	oauth2->expires_at = unix_now() + answer->expires_s;
	oauth2->is_new = TRUE;
}

static gboolean
refresh(struct oauth2 *oauth2, GCancellable *cancel, GError **error)
{
	struct oauth2_request request = { oauth2->provider,
					  oauth2->provider->token_url,
					  { { 0 } } };
	g_auto(oauth2_answer_auto) answer = { 0 };
	char *refresh_token = read_refresh_token(oauth2, error);

	if (!refresh_token)
		return FALSE;
	request.fields[0] = (struct oauth2_field){ "grant_type", "refresh_token", FALSE };
	request.fields[1] = (struct oauth2_field){ "refresh_token", refresh_token, TRUE };
	gboolean is_good = oauth2_ask_token(&request, cancel, &answer, error);
	if (is_good) {
		const char *new = *answer.refresh_token ? answer.refresh_token : refresh_token;
		if (oauth2->refresh_token || !g_str_equal(new, refresh_token))
			write_refresh_token(oauth2, refresh_token, new);
		take_token(oauth2, &answer);
	}
	secret_free(refresh_token);
	return is_good;
}

static gboolean
refresh_locked(struct oauth2 *oauth2, GCancellable *cancel, GError **error)
{
	int fd = lock_folder(oauth2->provider->config->oauth_token_file, cancel, error);
	gboolean is_good = fd >= 0 && refresh(oauth2, cancel, error);

	if (fd >= 0)
		close(fd);
	return is_good;
}

static gboolean
ask_as_client(struct oauth2 *oauth2, GCancellable *cancel, GError **error)
{
	const struct oauth2_request request = {
		.provider = oauth2->provider,
		.url = oauth2->provider->token_url,
		.fields = { { "grant_type", "client_credentials", FALSE },
			    { "scope", oauth2->provider->scope, FALSE } },
	};
	g_auto(oauth2_answer_auto) answer = { 0 };

	if (!oauth2_ask_token(&request, cancel, &answer, error))
		return FALSE;
	take_token(oauth2, &answer);
	return TRUE;
}

const char *
oauth2_token(struct oauth2 *oauth2, GCancellable *cancel, GError **error)
{
	gboolean is_client = oauth2->provider->is_client;

	oauth2->is_new = FALSE;
	if (oauth2->access_token && unix_now() < oauth2->expires_at - MARGIN_S)
		return oauth2->access_token;
	if (is_client ? ask_as_client(oauth2, cancel, error)
		      : refresh_locked(oauth2, cancel, error))
		return oauth2->access_token;
	g_prefix_error(error, "oauth: ");
	return NULL;
}

gboolean
oauth2_refused(struct oauth2 *oauth2)
{
	gboolean was_old = oauth2->access_token && !oauth2->is_new;

	g_clear_pointer(&oauth2->access_token, secret_free);
	oauth2->expires_at = 0;
	return was_old;
}

gint64
oauth2_expires_at(const struct oauth2 *oauth2)
{
	return oauth2->expires_at;
}

const char *
oauth2_trouble(const struct oauth2 *oauth2)
{
	return oauth2->trouble;
}

gboolean
oauth2_keep(const struct oauth2_provider *provider, const char *refresh_token, GError **error)
{
	const char *path = provider->config->oauth_token_file;
	int fd = lock_folder(path, NULL, error);
	gboolean is_kept = fd >= 0 && secret_to_file(path, refresh_token, error);

	if (fd >= 0)
		close(fd);
	return is_kept;
}

struct oauth2 *
oauth2_new(const struct intake_config *config, GError **error)
{
	struct oauth2_provider *provider = oauth2_provider_new(config, error);

	if (!provider)
		return NULL;
	struct oauth2 *oauth2 = g_new0(struct oauth2, 1);
	oauth2->provider = provider;
	return oauth2;
}

void
oauth2_free(struct oauth2 *oauth2)
{
	if (!oauth2)
		return;
	oauth2_provider_free(oauth2->provider);
	secret_free(oauth2->access_token);
	secret_free(oauth2->refresh_token);
	secret_free(oauth2->replaced);
	g_free(oauth2->trouble);
	g_free(oauth2);
}
