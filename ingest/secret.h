/* SPDX-License-Identifier: MIT */
/*
 * secret.h - the password or access token of an intake, read anew each time it logs in, so that a
 * change needs no restart.
 *
 * Never from the command line, never into a log. In this order: oauth_token_command, password_file,
 * the systemd credential imap.NAME, the environment variable DMARCD_PASSWORD_NAME (NAME in upper
 * case, everything but letters and digits as _).
 */
#ifndef INGEST_SECRET_H
#define INGEST_SECRET_H

#include <glib.h>

#include "ingest/intake.h"

#define SECRET_LEN_MAX   (64 * 1024)
#define SECRET_COMMAND_S 30

/* DENIED says which of them is missing or cannot be read. Caller frees with secret_free(). */
char *secret_read(const struct intake_config *config, gboolean *ret_is_token, GError **error);

/* Overwrites it. NULL is fine. */
void secret_free(char *secret);

/* The first line of a file. DENIED where it is empty or cannot be read. */
char *secret_from_file(const char *path, GError **error);

/*
 * Make that file hold this line: readable by its owner alone, and on disk in full or not at all.
 * Where root writes it, the owner of the folder gets it. DENIED.
 */
gboolean secret_to_file(const char *path, const char *secret, GError **error);

/*
 * The first line that a command prints, without a shell and with an empty environment. AGAIN where
 * it fails or takes longer than timeout_s; then it is killed. DENIED where there is no such
 * command.
 */
char *secret_from_command(const char *command, guint timeout_s, GError **error);

#endif
