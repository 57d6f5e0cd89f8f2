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
	/* Read the configuration anew, at SIGHUP. Caller frees. */
	struct config *(*reload)(gpointer data, GError **error);
	gpointer data;
	const char *login_user; /* print a one-time login link for this user; NULL = none */
};

/*
 * Returns after SIGTERM or SIGINT and a clean stop; FALSE and error where it cannot start. At
 * SIGHUP intakes, limits, trusted_authserv and retention become what the configuration then says,
 * or nothing does and the log says why.
 */
gboolean daemon_run(const struct daemon_options *options, GError **error);

#endif
