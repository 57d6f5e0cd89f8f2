/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <sysexits.h>

#include "app/command.h"
#include "app/reread.h"
#include "core/error.h"
#include "core/log.h"
#include "store/query.h"

#define PAGE_LEN 500

struct tally {
	guint read;
	guint failed;
};

static void
retry_one(struct reread *reread, gint64 id, struct tally *tally)
{
	g_autoptr(GError) error = NULL;

	if (reread_kept(reread, id, &error)) {
		tally->read++;
		return;
	}
	tally->failed++;
	fprintf(stderr, "dmarcd retry: %" G_GINT64_FORMAT ": %s\n", id, error->message);
}

static gboolean
list_kept(struct store *store, GArray *ids, GError **error)
{
	g_autoptr(store_view_auto) view = store_view_open(store, error);
	g_autofree char *after = NULL;

	do {
		g_autoptr(query_page_auto) page =
			view ? query_kept(view, after, PAGE_LEN, error) : NULL;
		if (!page)
			return FALSE;
		for (guint i = 0; i < page->rows->len; i++) {
			const struct query_kept *kept = g_ptr_array_index(page->rows, i);
			g_array_append_val(ids, kept->id);
		}
		g_free(after);
		after = g_steal_pointer(&page->next);
	} while (after);
	return TRUE;
}

static gboolean
collect(struct store *store, gboolean want_all, char **operands, GArray *ids, GError **error)
{
	if (want_all)
		return list_kept(store, ids, error);
	for (char **operand = operands; *operand; operand++) {
		gint64 id;
		if (!g_ascii_string_to_signed(*operand, 10, 1, G_MAXINT64, &id, NULL)) {
			g_set_error(
				error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
				"\"%s\" is no number of a kept mail; the Status page lists them",
				*operand);
			return FALSE;
		}
		g_array_append_val(ids, id);
	}
	return TRUE;
}

static gboolean
retry(const struct common_options *common, gboolean want_all, char **operands, struct tally *tally,
      GError **error)
{
	g_autoptr(config_auto) config = command_load_config(common, error);
	if (!config)
		return FALSE;
	log_set_options(&config->log);
	g_autoptr(store_auto) store = command_open_store(config, FALSE, error);
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));

	if (!store || !collect(store, want_all, operands, ids, error))
		return FALSE;
	g_autoptr(reread_auto) reread = reread_new(store, &config->reading);
	for (guint i = 0; i < ids->len; i++)
		retry_one(reread, g_array_index(ids, gint64, i), tally);
	printf("%u read, %u still unreadable\n", tally->read, tally->failed);
	return TRUE;
}

static int
run(int argc, char **argv)
{
	g_auto(common_options_auto) common = { 0 };
	gboolean want_all = FALSE;
	const GOptionEntry entries[] = {
		{ "all", 0, 0, G_OPTION_ARG_NONE, &want_all, "Try every mail that is kept", NULL },
		COMMAND_NO_SANDBOX(&common),
		G_OPTION_ENTRY_NULL,
	};
	g_autoptr(GError) error = NULL;
	int code = EX_OK;

	if (!command_parse_options(&command_retry, &common, entries, &argc, &argv, &error))
		return command_fail_usage(&command_retry, error);
	if (!want_all && argc < 2) {
		g_set_error_literal(&error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
				    "name a kept mail by its number, or give --all");
		return command_fail_usage(&command_retry, error);
	}
	struct tally tally = { 0, 0 };
	if (!retry(&common, want_all, argv + 1, &tally, &error))
		code = command_fail(&command_retry, error);
	else if (tally.failed > 0)
		code = EX_DATAERR;
	return code;
}

const struct command command_retry = {
	.name = "retry",
	.arguments = "NUMBER...",
	.summary = "Read mails again that could not be read before.",
	.run = run,
};
