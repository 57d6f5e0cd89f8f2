/* SPDX-License-Identifier: MIT */
/*
 * config.h - the configuration: built-in defaults, then the file given by -c, then the command
 * line.
 *
 * Every option is a row of one table (config_options.c), which also feeds `dmarcd config
 * --defaults` and the test that the manual names them all. A file error is INVALID and names file,
 * line and what was expected.
 */
#ifndef APP_CONFIG_H
#define APP_CONFIG_H

#include <glib.h>

#include "analysis/change_limits.h"
#include "analysis/weights.h"
#include "app/lookup_options.h"
#include "core/log.h"
#include "ingest/intake.h"
#include "ingest/worker_options.h"
#include "store/retention.h"
#include "web/web.h"

struct config {
	char *store_url;
	char *web_listen;
	enum web_metrics web_metrics;
	gboolean allow_documentation_addresses;
	struct log_options log;
	GStrv trusted_authserv;        /* lower case */
	struct worker_options reading; /* limits and trusted_authserv; raw bytes are wanted */
	GPtrArray *intakes;            /* struct intake_config * */
	struct retention retention;
	struct weights weights;
	struct change_limits changes;
	GStrv parked_domains; /* lower case */
	GStrv geo_databases;  /* paths; app/enrichment.h reads them and the next two */
	GStrv senders_files;
	GStrv senders_maps;
	struct lookup_options dns;
};

enum config_type {
	CONFIG_TEXT,
	CONFIG_BOOL,
	CONFIG_NUMBER, /* 0 or more */
	CONFIG_LIST,
	CONFIG_LOWER_LIST, /* is compared in lower case */
};

struct config_option {
	const char *block; /* "", "store", "web", "log", "retention", "score", "limits", ... */
	const char *name;
	enum config_type type;
	const char *fallback; /* the default, as one writes it; "" = none */
	const char *sentence;
	gsize offset; /* of intakes, weights, changes and dns: the member of their struct that takes
			 it */
};
extern const struct config_option config_options[];
extern const gsize n_config_options;

/* path NULL: the defaults alone. */
struct config *config_load(const char *path, GError **error);
void config_free(struct config *config);
typedef struct config config_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(config_auto, config_free)

/* An intake "PATH" of type maildir, everything else as by default. */
void config_add_maildir(struct config *config, const char *path);

/* Of the same name, and the same in every option? */
gboolean config_is_same_intake(const struct intake_config *one, const struct intake_config *other);

#endif
