/* SPDX-License-Identifier: MIT */
#include <jansson.h>
#include <stdio.h>
#include <sysexits.h>

#include "app/command.h"
#include "core/error.h"
#include "store/query.h"
#include "store/query_reporters.h"

#define ROWS_AT_ONCE 100

/* What a verb needs to know. */
struct reporter_call {
	struct store *store;
	const char *voice;
	gboolean want_json;
};

static gboolean
approve(const struct reporter_call *call, GError **error)
{
	return store_edit_voice(call->store, call->voice, TRUE, error) &&
	       store_flush(call->store, error);
}

static gboolean
withdraw(const struct reporter_call *call, GError **error)
{
	return store_edit_voice(call->store, call->voice, FALSE, error) &&
	       store_flush(call->store, error);
}

/* Reporter, voice, whether it counts, reports. */
static void
print_party(const struct reporter_call *call, const struct query_reporter *reporter,
	    const struct query_party *party)
{
	if (!call->want_json) {
		printf("%s\t%s\t%s\t%" G_GINT64_FORMAT "\n", reporter->reporter,
		       *party->voice ? party->voice : "-",
		       party->is_approved  ? "approved"
		       : party->is_counted ? "counted"
					   : "not counted",
		       party->reports);
		return;
	}
	json_t *row = json_pack("{s:s, s:s, s:s, s:b, s:b, s:I}", "reporter", reporter->reporter,
				"authenticated", authenticated_name(party->authenticated), "voice",
				party->voice, "is_counted", (int)party->is_counted, "is_approved",
				(int)party->is_approved, "reports", (json_int_t)party->reports);
	json_dumpf(row, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(row);
}

static gboolean
print_page(const struct reporter_call *call, struct store_view *view, const GPtrArray *rows,
	   GError **error)
{
	for (guint i = 0; i < rows->len; i++) {
		const struct query_reporter *reporter = g_ptr_array_index(rows, i);
		g_autoptr(query_reporter_detail_auto) detail =
			query_reporter_by_id(view, WINDOW_ALL, reporter->id, error);
		if (!detail)
			return FALSE;
		for (guint p = 0; p < detail->parties->len; p++)
			print_party(call, reporter, g_ptr_array_index(detail->parties, p));
	}
	return TRUE;
}

static gboolean
list(const struct reporter_call *call, GError **error)
{
	g_autoptr(store_view_auto) view = store_view_open(call->store, error);
	g_autofree char *after = NULL;

	if (!view)
		return FALSE;
	do {
		g_autoptr(query_page_auto) page =
			query_reporters(view, WINDOW_ALL, after, ROWS_AT_ONCE, error);
		if (!page || !print_page(call, view, page->rows, error))
			return FALSE;
		g_free(after);
		after = g_strdup(page->next);
	} while (after);
	return TRUE;
}

static const struct reporter_command {
	const char *verb;
	int n_operands;
	gboolean is_change;
	gboolean (*run)(const struct reporter_call *call, GError **error);
} reporter_commands[] = {
	{ "list", 0, FALSE, list },
	{ "approve", 1, TRUE, approve },
	{ "withdraw", 1, TRUE, withdraw },
};

static const struct reporter_command *
find_verb(int argc, char **argv)
{
	for (gsize i = 0; argc > 1 && i < G_N_ELEMENTS(reporter_commands); i++)
		if (g_str_equal(argv[1], reporter_commands[i].verb) &&
		    argc == 2 + reporter_commands[i].n_operands)
			return &reporter_commands[i];
	return NULL;
}

static gboolean
run_verb(const struct common_options *common, const struct reporter_command *verb,
	 struct reporter_call *call, GError **error)
{
	g_autoptr(config_auto) config = command_load_config(common, error);
	g_autoptr(store_auto) store =
		config ? command_open_store(config, !verb->is_change, error) : NULL;

	call->store = store;
	return store && verb->run(call, error);
}

static int
run(int argc, char **argv)
{
	g_auto(common_options_auto) common = { 0 };
	struct reporter_call call = { 0 };
	const GOptionEntry entries[] = {
		{ "json", 0, 0, G_OPTION_ARG_NONE, &call.want_json,
		  "With list: one JSON object a line", NULL },
		G_OPTION_ENTRY_NULL,
	};
	g_autoptr(GError) error = NULL;

	if (!command_parse_options(&command_reporter, &common, entries, &argc, &argv, &error))
		return command_fail_usage(&command_reporter, error);
	const struct reporter_command *verb = find_verb(argc, argv);
	if (!verb) {
		g_set_error_literal(&error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
				    "say `list`, `approve NAME`, or `withdraw NAME`");
		return command_fail_usage(&command_reporter, error);
	}
	call.voice = verb->n_operands > 0 ? argv[2] : NULL;
	if (!run_verb(&common, verb, &call, &error))
		return command_fail(&command_reporter, error);
	return EX_OK;
}

const struct command command_reporter = {
	.name = "reporter",
	.arguments = "list|approve NAME|withdraw NAME",
	.summary = "List who sends reports, and say whose are to count.",
	.run = run,
};
