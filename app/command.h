/* SPDX-License-Identifier: MIT */
/*
 * command.h - a subcommand is one file, cmd_NAME.c, with one `const struct command`.
 *
 * run() gets the arguments after the command's name (argv[0] is the name), reads its options with
 * GOptionContext, and returns a code of <sysexits.h>. Results go to standard output, everything
 * else to standard error.
 */
#ifndef APP_COMMAND_H
#define APP_COMMAND_H

#include <glib.h>

#include "app/config.h"
#include "store/store.h"

struct command {
	const char *name;
	const char *arguments; /* "PATH..." for the usage line */
	const char *summary;   /* one sentence for --help */
	gboolean is_internal;  /* not for people: --help leaves it out */
	int (*run)(int argc, char **argv);
};

extern const struct command command_serve;
extern const struct command command_ingest;
extern const struct command command_parse;
extern const struct command command_stats;
extern const struct command command_export;
extern const struct command command_retry;
extern const struct command command_classify;
extern const struct command command_user;
extern const struct command command_oauth;
extern const struct command command_token;
extern const struct command command_rule;
extern const struct command command_reporter;
extern const struct command command_config;
extern const struct command command_doctor;
extern const struct command command_worker;

/* Options that every command that opens a store takes. */
struct common_options {
	char *config_file;
	char *store_url;
	gboolean is_unsealed; /* --no-sandbox, where the command offers it */
};

/* The row of a command that parses mails. */
#define COMMAND_NO_SANDBOX(common)                                                             \
	{                                                                                      \
		"no-sandbox", 0, 0, G_OPTION_ARG_NONE, &(common)->is_unsealed,                 \
			"Parse mails in this process, without a sandbox (for debugging)", NULL \
	}

/*
 * Read options from argv; what is left are the operands. FALSE with DMARCD_ERROR_INVALID for an
 * unknown option; the caller exits with EX_USAGE. entries may be NULL.
 */
gboolean command_parse_options(const struct command *command, struct common_options *common,
			       const GOptionEntry *entries, int *argc, char ***argv,
			       GError **error);

/* Read the configuration and let the command line win. NULL on error. */
struct config *command_load_config(const struct common_options *common, GError **error);

/* Open the store with the judge plugged in. */
struct store *command_open_store(const struct config *config, gboolean is_read_only,
				 GError **error);

/* "dmarcd ingest: TEXT" on standard error; returns the exit code that belongs to error. */
int command_fail(const struct command *command, const GError *error);

/* The same for wrong usage: adds how to get help, returns EX_USAGE. */
int command_fail_usage(const struct command *command, const GError *error);

void common_options_clear(struct common_options *common);
typedef struct common_options common_options_auto;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(common_options_auto, common_options_clear)

#endif
