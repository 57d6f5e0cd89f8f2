/* SPDX-License-Identifier: MIT */
#include "app/config.h"

#include <confuse.h>
#include <errno.h>
#include <string.h>

#include "app/config_check.h"
#include "app/nearest.h"
#include "core/error.h"

#define TITLED_BLOCK "intake"
#define LIMITS_BLOCK "limits"
#define DNS_BLOCK    "dns"

static const char *const blocks[] = { "store",     "web",         "log",     "retention",
				      SCORE_BLOCK, CHANGES_BLOCK, DNS_BLOCK, LIMITS_BLOCK,
				      "enrich",    "intake" };

/*
 * libconfuse reports through a callback without user data, and a block does not know its file: what
 * is read in this thread, and its first error.
 */
static GPrivate current_file = G_PRIVATE_INIT(NULL);
static GPrivate first_error = G_PRIVATE_INIT(g_free);

/* What libconfuse says of a name that it does not know, which stands in quotes. */
#define UNKNOWN_OPTION "no such option"

static char *
guess_option(const char *text)
{
	g_auto(GStrv) quoted = g_strsplit(text, "'", 3);
	struct nearest nearest = { .typed = quoted[0] && quoted[1] ? quoted[1] : "" };

	for (gsize i = 0; i < n_config_options; i++)
		nearest_try(&nearest, config_options[i].name);
	for (gsize i = 0; i < G_N_ELEMENTS(blocks); i++)
		nearest_try(&nearest, blocks[i]);
	return nearest_hint(&nearest);
}

static void
on_confuse_error(cfg_t *cfg, const char *format, va_list args)
{
	if (g_private_get(&first_error))
		return;
	const char *file = g_private_get(&current_file);
	g_autofree char *text = g_strdup_vprintf(format, args);
	g_autofree char *hint = strstr(text, UNKNOWN_OPTION) ? guess_option(text) : g_strdup("");
	g_private_replace(&first_error, g_strdup_printf("%s:%d: %s%s", file ? file : "defaults",
							cfg ? cfg->line : 0, text, hint));
}

static cfg_opt_t
option_of(const struct config_option *option)
{
	static char empty_list[] = "{}"; /* libconfuse wants it writable, and copies it */
	cfg_opt_t text = CFG_STR(option->name, option->fallback, CFGF_NONE);
	cfg_opt_t truth = CFG_BOOL(option->name, cfg_false, CFGF_NONE);
	cfg_opt_t number = CFG_INT(option->name, 0, CFGF_NONE);
	cfg_opt_t list = CFG_STR_LIST(option->name, empty_list, CFGF_NONE);

	switch (option->type) {
	case CONFIG_TEXT:
		return text;
	case CONFIG_BOOL:
		truth.def.boolean = g_str_equal(option->fallback, "yes") ? cfg_true : cfg_false;
		return truth;
	case CONFIG_NUMBER:
		number.def.number = (long)g_ascii_strtoll(option->fallback, NULL, 10);
		return number;
	case CONFIG_LIST:
	case CONFIG_LOWER_LIST:
		return list;
	default:
		g_assert_not_reached();
	}
}

static GArray *
options_of_block(const char *block)
{
	GArray *options = g_array_new(TRUE, TRUE, sizeof(cfg_opt_t));

	for (gsize i = 0; i < n_config_options; i++) {
		if (!g_str_equal(config_options[i].block, block))
			continue;
		cfg_opt_t option = option_of(&config_options[i]);
		g_array_append_val(options, option);
	}
	return options;
}

static void
append_blocks(GArray *options, GArray *const *block_options)
{
	for (gsize i = 0; i < G_N_ELEMENTS(blocks); i++) {
		gboolean is_titled = g_str_equal(blocks[i], TITLED_BLOCK);
		cfg_flag_t flags =
			is_titled ? CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES : CFGF_NONE;
		cfg_opt_t *inner = (cfg_opt_t *)(gpointer)block_options[i]->data;
		cfg_opt_t block = CFG_SEC(blocks[i], inner, flags);
		g_array_append_val(options, block);
	}
	cfg_opt_t end = CFG_END();
	g_array_append_val(options, end);
}

/* The whole grammar; libconfuse copies it, so it may go at once. */
static cfg_t *
make_parser(void)
{
	GArray *inner[G_N_ELEMENTS(blocks)];
	cfg_opt_t end = CFG_END();

	for (gsize i = 0; i < G_N_ELEMENTS(blocks); i++) {
		inner[i] = options_of_block(blocks[i]);
		g_array_append_val(inner[i], end);
	}
	g_autoptr(GArray) options = options_of_block("");
	append_blocks(options, inner);
	cfg_t *cfg = cfg_init((cfg_opt_t *)(gpointer)options->data, CFGF_NONE);
	cfg_set_error_function(cfg, on_confuse_error);
	config_check_install(cfg);
	for (gsize i = 0; i < G_N_ELEMENTS(blocks); i++)
		g_array_unref(inner[i]);
	return cfg;
}

/* Names and patterns that are compared in lower case. */
static GStrv
read_lower_list(cfg_t *block, const char *option)
{
	g_autoptr(GStrvBuilder) names = g_strv_builder_new();

	for (guint i = 0; i < cfg_size(block, option); i++) {
		g_autofree char *lower = g_ascii_strdown(cfg_getnstr(block, option, i), -1);
		g_strv_builder_add(names, lower);
	}
	return g_strv_builder_end(names);
}

static GStrv
read_list(cfg_t *cfg, const char *name)
{
	g_autoptr(GStrvBuilder) texts = g_strv_builder_new();

	for (guint i = 0; i < cfg_size(cfg, name); i++)
		g_strv_builder_add(texts, cfg_getnstr(cfg, name, i));
	return g_strv_builder_end(texts);
}

/* An option goes into the member of noun that its row says. */
static void
read_option(gpointer noun, cfg_t *block, const struct config_option *option)
{
	gpointer member = G_STRUCT_MEMBER_P(noun, option->offset);

	switch (option->type) {
	case CONFIG_TEXT:
		*(char **)member = g_strdup(cfg_getstr(block, option->name));
		break;
	case CONFIG_BOOL:
		*(gboolean *)member = cfg_getbool(block, option->name) == cfg_true;
		break;
	case CONFIG_NUMBER:
		*(gint64 *)member = cfg_getint(block, option->name);
		break;
	case CONFIG_LIST:
		*(GStrv *)member = read_list(block, option->name);
		break;
	case CONFIG_LOWER_LIST:
		*(GStrv *)member = read_lower_list(block, option->name);
		break;
	default:
		g_assert_not_reached();
	}
}

static void
read_options(gpointer noun, cfg_t *block, const char *name)
{
	for (gsize i = 0; i < n_config_options; i++)
		if (g_str_equal(config_options[i].block, name))
			read_option(noun, block, &config_options[i]);
}

/* By default beside the store, where a command finds it too that systemd has not started. */
static void
set_token_file(struct intake_config *intake, const char *store_url)
{
	const char *colon = strchr(store_url, ':');

	if (intake->oauth_token_file && *intake->oauth_token_file)
		return;
	g_autofree char *folder = g_path_get_dirname(colon ? colon + 1 : store_url);
	g_autofree char *name = g_uri_escape_string(intake->name, NULL, FALSE);
	g_autofree char *file = g_strconcat("oauth.", name, NULL);
	g_free(intake->oauth_token_file);
	intake->oauth_token_file = g_build_filename(folder, file, NULL);
}

static struct intake_config *
read_intake(const struct config *config, cfg_t *block, const char *name)
{
	struct intake_config *intake = intake_config_new(name);

	intake->mail_bytes = config->reading.parse.mail_bytes;
	read_options(intake, block, TITLED_BLOCK);
	set_token_file(intake, config->store_url);
	return intake;
}

static void
read_intakes(struct config *config, cfg_t *cfg)
{
	for (guint i = 0; i < cfg_size(cfg, TITLED_BLOCK); i++) {
		cfg_t *block = cfg_getnsec(cfg, TITLED_BLOCK, i);
		g_ptr_array_add(config->intakes, read_intake(config, block, cfg_title(block)));
	}
}

static void
read_reading(struct config *config, cfg_t *cfg)
{
	cfg_t *block = cfg_getsec(cfg, LIMITS_BLOCK);

	config->reading = worker_default_options;
	config->reading.parse.want_raw = TRUE;
	config->reading.parse.trusted_authserv = (const char *const *)config->trusted_authserv;
	for (gsize i = 0; i < n_worker_limits; i++)
		worker_limit_set(&config->reading, &worker_limits[i],
				 cfg_getint(block, worker_limits[i].name));
}

static void
read_enrich(struct config *config, cfg_t *cfg)
{
	cfg_t *block = cfg_getsec(cfg, "enrich");

	config->geo_databases = read_list(block, "geo_databases");
	config->senders_files = read_list(block, "senders_files");
	config->senders_maps = read_list(block, "senders_maps");
}

static char *
default_store_url(void)
{
	const char *state = g_getenv("STATE_DIRECTORY");

	return g_strdup_printf("sqlite:%s/dmarcd.db", state && *state ? state : "data");
}

static void
read_values(struct config *config, cfg_t *cfg)
{
	const char *url = cfg_getstr(cfg_getsec(cfg, "store"), "url");

	config->store_url = url && *url ? g_strdup(url) : default_store_url();
	config->web_listen = g_strdup(cfg_getstr(cfg_getsec(cfg, "web"), "listen"));
	web_metrics_find(cfg_getstr(cfg_getsec(cfg, "web"), "metrics"), &config->web_metrics);
	config->allow_documentation_addresses =
		cfg_getbool(cfg, "allow_documentation_addresses") == cfg_true;
	config->trusted_authserv = read_lower_list(cfg, "trusted_authserv");
	/* Both were checked when they were read. */
	(void)log_format_find(cfg_getstr(cfg_getsec(cfg, "log"), "format"), &config->log.format);
	(void)log_level_find(cfg_getstr(cfg_getsec(cfg, "log"), "level"), &config->log.level);
	cfg_t *retention = cfg_getsec(cfg, "retention");
	config->retention.failure_days = cfg_getint(retention, "failure_days");
	config->retention.quarantine_days = cfg_getint(retention, "quarantine_days");
	config->parked_domains = read_lower_list(cfg, "parked_domains");
	read_options(&config->weights, cfg_getsec(cfg, SCORE_BLOCK), SCORE_BLOCK);
	read_options(&config->changes, cfg_getsec(cfg, CHANGES_BLOCK), CHANGES_BLOCK);
	read_options(&config->dns, cfg_getsec(cfg, DNS_BLOCK), DNS_BLOCK);
	read_reading(config, cfg);
	read_enrich(config, cfg);
	read_intakes(config, cfg);
}

static gboolean
parse_file(cfg_t *cfg, const char *path, GError **error)
{
	g_autofree char *file = g_strdup(path);

	g_private_replace(&first_error, NULL);
	g_private_set(&current_file, file);
	int result = path ? cfg_parse(cfg, path) : cfg_parse_buf(cfg, "");
	g_private_set(&current_file, NULL);
	if (result == CFG_SUCCESS)
		return TRUE;
	const char *text = g_private_get(&first_error);
	if (result == CFG_FILE_ERROR)
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_DENIED,
			    "cannot read configuration %s: %s; give another file with -c, or none "
			    "for the defaults",
			    path, g_strerror(errno));
	else
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
			    "%s; `dmarcd config --defaults` lists all options",
			    text ? text : "configuration is not valid");
	return FALSE;
}

static gboolean
check_dns(const struct config *config, const char *path, GError **error)
{
	if (lookup_options_check(&config->dns, error))
		return TRUE;
	g_prefix_error(error, "%s: " DNS_BLOCK ": ", path ? path : "defaults");
	return FALSE;
}

struct config *
config_load(const char *path, GError **error)
{
	cfg_t *cfg = make_parser();
	struct config *config = NULL;

	if (parse_file(cfg, path, error)) {
		config = g_new0(struct config, 1);
		config->intakes =
			g_ptr_array_new_with_free_func((GDestroyNotify)intake_config_unref);
		read_values(config, cfg);
	}
	cfg_free(cfg);
	if (config && !check_dns(config, path, error))
		g_clear_pointer(&config, config_free);
	return config;
}

void
config_free(struct config *config)
{
	if (!config)
		return;
	g_free(config->store_url);
	g_free(config->web_listen);
	g_strfreev(config->trusted_authserv);
	g_strfreev(config->parked_domains);
	g_strfreev(config->geo_databases);
	g_strfreev(config->senders_files);
	g_strfreev(config->senders_maps);
	lookup_options_clear(&config->dns);
	g_ptr_array_unref(config->intakes);
	g_free(config);
}

/* ---- intakes ---- */

void
config_add_maildir(struct config *config, const char *path)
{
	cfg_t *cfg = make_parser();

	/* A block that says nothing has the defaults. */
	if (cfg_parse_buf(cfg, TITLED_BLOCK " \"maildir\" {}") != CFG_SUCCESS)
		g_assert_not_reached();
	struct intake_config *intake = read_intake(config, cfg_getnsec(cfg, TITLED_BLOCK, 0), path);
	cfg_free(cfg);
	g_free(intake->path);
	intake->path = g_strdup(path);
	g_ptr_array_add(config->intakes, intake);
}

static gboolean
is_same_option(const struct intake_config *one, const struct intake_config *other,
	       const struct config_option *option)
{
	gconstpointer a = G_STRUCT_MEMBER_P(one, option->offset);
	gconstpointer b = G_STRUCT_MEMBER_P(other, option->offset);

	switch (option->type) {
	case CONFIG_TEXT:
		return g_str_equal(*(char *const *)a, *(char *const *)b);
	case CONFIG_BOOL:
		return *(const gboolean *)a == *(const gboolean *)b;
	case CONFIG_NUMBER:
		return *(const gint64 *)a == *(const gint64 *)b;
	case CONFIG_LIST:
	case CONFIG_LOWER_LIST:
		return g_strv_equal(*(const char *const *const *)a, *(const char *const *const *)b);
	default:
		g_assert_not_reached();
	}
}

gboolean
config_is_same_intake(const struct intake_config *one, const struct intake_config *other)
{
	if (!g_str_equal(one->name, other->name) || one->mail_bytes != other->mail_bytes)
		return FALSE;
	for (gsize i = 0; i < n_config_options; i++)
		if (g_str_equal(config_options[i].block, TITLED_BLOCK) &&
		    !is_same_option(one, other, &config_options[i]))
			return FALSE;
	return TRUE;
}
