/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <sysexits.h>

#include <jansson.h>

#include "app/command.h"
#include "app/parsed_json.h"
#include "ingest/worker_pool.h"

struct parse_options {
	struct common_options common;
	gboolean want_summary;
	gboolean want_json; /* the default, spelled out */
};

/* File names need not be UTF-8, JSON strings have to. */
static char *
printable_name(const char *path)
{
	return g_utf8_validate(path, -1, NULL) ? g_strdup(path) : g_utf8_make_valid(path, -1);
}

/* FALSE: the line could not be written. */
static gboolean
print_line(const char *path, const struct parsed *parsed, const struct parse_options *options)
{
	g_autofree char *name = printable_name(path);
	json_t *object = options->want_summary ? parsed_to_summary(name, parsed)
					       : parsed_to_json(name, parsed);
	int failed = json_dumpf(object, stdout, JSON_COMPACT);

	json_decref(object);
	return failed == 0 && putchar('\n') != EOF;
}

/* An <sysexits.h> code for this file. */
static int
parse_file(struct worker *worker, const char *path, const struct parse_options *options)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GMappedFile) file = g_mapped_file_new(path, FALSE, &error);

	if (!file) {
		fprintf(stderr, "dmarcd parse: %s\n", error->message);
		return EX_NOINPUT;
	}
	g_autoptr(GBytes) bytes = g_mapped_file_get_bytes(file);
	g_autoptr(parsed_auto) parsed = worker_parse(worker, bytes, &error);
	if (!parsed)
		return command_fail(&command_parse, error);
	if (!print_line(path, parsed, options)) {
		fprintf(stderr, "dmarcd parse: cannot write to standard output\n");
		return EX_IOERR;
	}
	return parsed_verdict(parsed) == PARSED_REJECTED ? EX_DATAERR : EX_OK;
}

static gboolean
is_final(int code)
{
	return code == EX_IOERR || code == EX_TEMPFAIL;
}

static int
parse_files(const struct parse_options *options, char **paths)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(config_auto) config = command_load_config(&options->common, &error);
	int code = EX_OK;

	if (!config)
		return command_fail(&command_parse, error);
	config->reading.parse.want_raw = FALSE;
	g_autoptr(worker_auto) worker = worker_new(&config->reading);
	for (char **path = paths; *path && !is_final(code); path++) {
		int result = parse_file(worker, *path, options);
		/* What could not be opened matters more than what could not be read. */
		if (result != EX_OK && (code != EX_NOINPUT || is_final(result)))
			code = result;
	}
	return code;
}

static int
run_parse(int argc, char **argv)
{
	struct parse_options options = { 0 };
	const GOptionEntry entries[] = {
		{ "config", 'c', 0, G_OPTION_ARG_FILENAME, &options.common.config_file,
		  "Read the limits from the configuration FILE", "FILE" },
		{ "json", 0, 0, G_OPTION_ARG_NONE, &options.want_json,
		  "Print all that was read, one object a line (the default)", NULL },
		{ "summary", 0, 0, G_OPTION_ARG_NONE, &options.want_summary,
		  "Print outcome and sums, one object a line", NULL },
		COMMAND_NO_SANDBOX(&options.common),
		G_OPTION_ENTRY_NULL,
	};
	g_autoptr(GOptionContext) context = g_option_context_new(command_parse.arguments);
	g_autoptr(GError) error = NULL;
	int code = EX_USAGE;

	g_option_context_set_summary(context, command_parse.summary);
	g_option_context_add_main_entries(context, entries, NULL);
	if (!g_option_context_parse(context, &argc, &argv, &error) || argc < 2 ||
	    (options.want_json && options.want_summary))
		fprintf(stderr, "dmarcd parse: %s; see `dmarcd parse --help`\n",
			error ? error->message : "give one or more files, and one form of output");
	else
		code = parse_files(&options, argv + 1);
	common_options_clear(&options.common);
	return code;
}

const struct command command_parse = {
	.name = "parse",
	.arguments = "FILE...",
	.summary = "Read mails or report files and print what is in them; nothing is stored.",
	.run = run_parse,
};
