/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <sysexits.h>

#include "app/command.h"
#include "app/export.h"
#include "core/error.h"
#include "store/query.h"
#include "web/render.h"

struct format {
	gboolean want_json;
	gboolean want_csv;
	char *compat;
};

static const struct export_kind *
find_kind(const char *name, const char *compat)
{
	for (gsize i = 0; i < n_export_kinds; i++)
		if (g_str_equal(name, export_kinds[i].name) &&
		    g_strcmp0(compat, export_kinds[i].compat) == 0)
			return &export_kinds[i];
	return NULL;
}

static gboolean
write_out(GString *text, GError **error)
{
	gboolean is_written = fwrite(text->str, 1, text->len, stdout) == text->len;

	g_string_truncate(text, 0);
	if (!is_written)
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_AGAIN,
			    "cannot write to standard output: %s", g_strerror(errno));
	return is_written;
}

static void
render_rows(const struct export_kind *kind, const struct format *format, const json_t *root,
	    GString *out)
{
	if (format->want_csv) {
		render_csv_rows(export_columns(kind), root, out);
		return;
	}
	const json_t *rows = json_object_get(root, "data");
	for (gsize i = 0; i < json_array_size(rows); i++)
		render_json(json_array_get(rows, i), 0, out);
}

/* One page of rows at a time, so that memory stays flat. */
static gboolean
export_all(struct export *export, const struct export_kind *kind, const struct format *format,
	   GError **error)
{
	g_autoptr(GString) out = g_string_new(NULL);
	g_autofree char *after = NULL;

	if (format->want_csv)
		render_csv_header(export_columns(kind), out);
	do {
		json_t *root = export_rows(export, kind, after, error);
		if (!root)
			return FALSE;
		render_rows(kind, format, root, out);
		g_free(after);
		after = g_strdup(json_string_value(json_object_get(root, "next")));
		json_decref(root);
		if (!write_out(out, error))
			return FALSE;
	} while (after);
	return TRUE;
}

static gboolean
run_export(const struct common_options *common, const struct export_kind *kind,
	   const struct format *format, GError **error)
{
	g_autoptr(config_auto) config = command_load_config(common, error);
	g_autoptr(store_auto) store = config ? command_open_store(config, TRUE, error) : NULL;
	g_autoptr(store_view_auto) view = store ? store_view_open(store, error) : NULL;
	if (!view)
		return FALSE;
	struct export export = {
		.store = store,
		.view = view,
		.allow_documentation = config->allow_documentation_addresses,
		.weights = &config->weights,
	};
	return export_all(&export, kind, format, error) && fflush(stdout) == 0;
}

/* What is to be exported; NULL and INVALID where that was not said. */
static const struct export_kind *
read_usage(int argc, char **argv, const struct format *format, GError **error)
{
	const struct export_kind *kind = argc == 2 ? find_kind(argv[1], format->compat) : NULL;

	if (argc == 2 && !kind && format->compat) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
			    "%s has no columns of \"%s\"; there is records --compat=parsedmarc",
			    argv[1], format->compat);
		return NULL;
	}
	if (argc == 2 && !kind) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
			    "nothing is called \"%s\"; there are sources, domains, records, "
			    "takedown and changes",
			    argv[1]);
		return NULL;
	}
	if (kind && format->want_json != format->want_csv)
		return kind;
	g_set_error_literal(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
			    "say what (sources, domains, records or takedown) and how (--json or "
			    "--csv)");
	return NULL;
}

static int
run(int argc, char **argv)
{
	g_auto(common_options_auto) common = { 0 };
	struct format format = { 0 };
	const GOptionEntry entries[] = {
		{ "json", 0, 0, G_OPTION_ARG_NONE, &format.want_json, "One JSON object a line",
		  NULL },
		{ "csv", 0, 0, G_OPTION_ARG_NONE, &format.want_csv, "CSV with a header line",
		  NULL },
		{ "compat", 0, 0, G_OPTION_ARG_STRING, &format.compat,
		  "Records in the columns of another program: parsedmarc", "PROGRAM" },
		G_OPTION_ENTRY_NULL,
	};
	g_autoptr(GError) error = NULL;
	int code = EX_OK;

	if (!command_parse_options(&command_export, &common, entries, &argc, &argv, &error))
		return command_fail_usage(&command_export, error);
	const struct export_kind *kind = read_usage(argc, argv, &format, &error);
	if (!kind)
		code = command_fail_usage(&command_export, error);
	else if (!run_export(&common, kind, &format, &error))
		code = command_fail(&command_export, error);
	g_free(format.compat);
	return code;
}

const struct command command_export = {
	.name = "export",
	.arguments = "sources|domains|records|takedown|changes|failures|complaints|bounces|tls",
	.summary = "Print what the store knows, as JSON lines or CSV.",
	.run = run,
};
