/* SPDX-License-Identifier: MIT */
/*
 * daemon.h - wire store, pipeline, intakes and web server together and run until told to stop.
 */
#ifndef APP_DAEMON_H
#define APP_DAEMON_H

#include <glib.h>

#include "app/config.h"

struct daemon_options {
	const struct config *config;
	const char *login_user; /* print a one-time login link for this user; NULL = none */
};

/* Returns after SIGTERM or SIGINT and a clean stop; FALSE and error where it cannot start. */
gboolean daemon_run(const struct daemon_options *options, GError **error);

#endif
