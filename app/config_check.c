/* SPDX-License-Identifier: MIT */
#include "app/config_check.h"

#include <confuse.h>
#include <glib.h>

#include "app/config.h"

/* Blocks whose numbers are the rows of a table with limits. */
static const struct {
	const char *name;
	const struct weight_row *rows;
	const gsize *n_rows;
} row_blocks[] = {
	{ SCORE_BLOCK, weight_rows, &n_weight_rows },
	{ CHANGES_BLOCK, change_limit_rows, &n_change_limit_rows },
};

static int
check_row(cfg_t *cfg, gsize block, const char *name, long value)
{
	g_autoptr(GError) error = NULL;
	union {
		struct weights weights;
		struct change_limits changes;
	} any;

	if (weight_rows_set(row_blocks[block].rows, *row_blocks[block].n_rows, &any, name, value,
			    &error))
		return 0;
	cfg_error(cfg, "%s", error->message);
	return -1;
}

static int
check_number(cfg_t *cfg, cfg_opt_t *option)
{
	const long value = cfg_opt_getnint(option, cfg_opt_size(option) - 1);

	for (gsize i = 0; i < n_worker_limits; i++) {
		const struct worker_limit *limit = &worker_limits[i];
		if (!g_str_equal(limit->name, cfg_opt_name(option)) ||
		    (value >= limit->smallest && value <= limit->largest))
			continue;
		cfg_error(cfg,
			  "%s is %ld, and has to be from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT,
			  limit->name, value, limit->smallest, limit->largest);
		return -1;
	}
	for (gsize i = 0; i < G_N_ELEMENTS(row_blocks); i++)
		if (g_str_equal(cfg_name(cfg), row_blocks[i].name))
			return check_row(cfg, i, cfg_opt_name(option), value);
	if (value < 0) {
		cfg_error(cfg, "%s must be 0 or more", cfg_opt_name(option));
		return -1;
	}
	return 0;
}

static int
check_log_format(cfg_t *cfg, cfg_opt_t *option)
{
	enum log_format format;

	if (log_format_find(cfg_opt_getnstr(option, 0), &format))
		return 0;
	cfg_error(cfg, "format has to be text, json, journal or auto");
	return -1;
}

static int
check_log_level(cfg_t *cfg, cfg_opt_t *option)
{
	enum log_level level;

	if (log_level_find(cfg_opt_getnstr(option, 0), &level))
		return 0;
	cfg_error(cfg, "level has to be error, warning, info or debug");
	return -1;
}

static void
check_numbers(cfg_t *cfg)
{
	for (gsize i = 0; i < n_config_options; i++) {
		const struct config_option *option = &config_options[i];
		g_autofree char *name = g_strdup_printf("%s|%s", option->block, option->name);
		if (option->type == CONFIG_NUMBER)
			cfg_set_validate_func(cfg, *option->block ? name : option->name,
					      check_number);
	}
}

static int
check_metrics(cfg_t *cfg, cfg_opt_t *option)
{
	const char *value = cfg_opt_getnstr(option, cfg_opt_size(option) - 1);
	enum web_metrics metrics;

	if (web_metrics_find(value ? value : "", &metrics))
		return 0;
	cfg_error(cfg, "metrics is \"%s\", and has to be token, open or off", value);
	return -1;
}

void
config_check_install(cfg_t *cfg)
{
	check_numbers(cfg);
	cfg_set_validate_func(cfg, "log|format", check_log_format);
	cfg_set_validate_func(cfg, "log|level", check_log_level);
	cfg_set_validate_func(cfg, "web|metrics", check_metrics);
}
