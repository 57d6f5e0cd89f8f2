/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <sysexits.h>

#include "app/command.h"
#include "app/report_json.h"
#include "core/error.h"
#include "ingest/file.h"
#include "ingest/parse.h"

static void
print_line(json_t *line)
{
	json_dumpf(line, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(line);
}

static gboolean
parse_one(const char *path, gboolean want_summary, gint64 now, GError **error)
{
	g_autoptr(GBytes) bytes = file_read(path, parse_default_limits.mail_bytes, error);
	if (!bytes)
		return FALSE;
	g_autoptr(parsed_auto) parsed = parse(bytes, &parse_default_limits, now);
	print_line(want_summary ? report_json_summary(path, parsed)
				: report_json_whole(path, parsed));
	return TRUE;
}

static int
run(int argc, char **argv)
{
	struct common_options common = { 0 };
	gboolean want_json = FALSE;
	gboolean want_summary = FALSE;
	const GOptionEntry entries[] = {
		{ "json", 0, 0, G_OPTION_ARG_NONE, &want_json,
		  "Print everything that was read, one JSON object a file", NULL },
		{ "summary", 0, 0, G_OPTION_ARG_NONE, &want_summary,
		  "Print outcome and sums, one JSON object a file", NULL },
		G_OPTION_ENTRY_NULL,
	};
	g_autoptr(GError) error = NULL;
	gint64 now = g_get_real_time() / G_USEC_PER_SEC;
	int code = EX_OK;

	if (!command_parse_options(&command_parse, &common, entries, &argc, &argv, &error))
		return command_fail_usage(&command_parse, error);
	common_options_clear(&common);
	if (argc < 2 || want_json == want_summary) {
		g_set_error_literal(&error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
				    "give --json or --summary, and at least one file");
		return command_fail_usage(&command_parse, error);
	}
	for (int i = 1; i < argc; i++) {
		if (!parse_one(argv[i], want_summary, now, &error))
			code = command_fail(&command_parse, error);
		g_clear_error(&error);
	}
	return code;
}

const struct command command_parse = {
	.name = "parse",
	.arguments = "FILE...",
	.summary = "Read mails or report files and print what is in them; nothing is stored.",
	.run = run,
};
