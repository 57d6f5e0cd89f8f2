/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <sysexits.h>

#include "app/command.h"
#include "core/error.h"
#include "store/query.h"

static gboolean
print_classes(struct store *store, GError **error)
{
	g_autoptr(store_view_auto) view = store_view_open(store, error);
	const struct scope scope = { NULL, WINDOW_ALL };
	struct query_class_totals totals;

	if (!view || !query_class_totals(view, &scope, &totals, error))
		return FALSE;
	for (enum class c = CLASS_FIX; c < N_CLASSES; c++)
		printf("%-13s %10" G_GINT64_FORMAT " sources %14" G_GINT64_FORMAT " messages\n",
		       class_name(c), totals.sources[c], totals.totals[c].messages);
	return TRUE;
}

/* What is only marked is judged by flushing; everything else is marked before. */
static gboolean
classify(const struct common_options *common, gboolean want_all, GError **error)
{
	g_autoptr(config_auto) config = command_load_config(common, error);
	if (!config)
		return FALSE;
	log_set_options(&config->log);
	g_autoptr(store_auto) store = command_open_store(config, FALSE, error);

	return store && (!want_all || store_edit_rejudge(store, error)) &&
	       store_flush(store, error) && print_classes(store, error);
}

static int
run(int argc, char **argv)
{
	g_auto(common_options_auto) common = { 0 };
	gboolean want_all = FALSE;
	const GOptionEntry entries[] = {
		{ "all", 0, 0, G_OPTION_ARG_NONE, &want_all,
		  "Judge every source again, as after a change of weights", NULL },
		G_OPTION_ENTRY_NULL,
	};
	g_autoptr(GError) error = NULL;

	if (!command_parse_options(&command_classify, &common, entries, &argc, &argv, &error))
		return command_fail_usage(&command_classify, error);
	if (argc > 1) {
		g_set_error(&error, DMARCD_ERROR, DMARCD_ERROR_INVALID, "unexpected \"%s\"",
			    argv[1]);
		return command_fail_usage(&command_classify, error);
	}
	return classify(&common, want_all, &error) ? EX_OK : command_fail(&command_classify, error);
}

const struct command command_classify = {
	.name = "classify",
	.arguments = "",
	.summary = "Judge sources again and print how many there are of each class.",
	.run = run,
};
