/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include <jansson.h>

#include "app/command.h"
#include "app/enrichment.h"
#include "app/lookup_examine.h"
#include "core/error.h"
#include "ingest/intake.h"
#include "ingest/worker_pool.h"

enum health {
	HEALTH_OK,
	HEALTH_OFF, /* left out on purpose */
	HEALTH_BAD,
};

static const char *const health_words[] = {
	[HEALTH_OK] = "ok",
	[HEALTH_OFF] = "off",
	[HEALTH_BAD] = "bad",
};

struct doctor {
	const struct config *config;
	const char *section;
	json_t *findings; /* NULL: print lines */
	gboolean is_well;
};

/* text: what is well, or what is wrong and how to mend it. */
static void
find(struct doctor *doctor, const char *what, enum health health, const char *text)
{
	doctor->is_well = doctor->is_well && health != HEALTH_BAD;
	if (!doctor->findings) {
		printf("%-4s %s %s: %s\n", health_words[health], doctor->section, what, text);
		return;
	}
	json_array_append_new(doctor->findings,
			      json_pack("{s:s,s:s,s:s,s:s}", "section", doctor->section, "what",
					what, "health", health_words[health], "text", text));
}

/* ---- sections ---- */

static enum health
layer_health(const struct sandbox_state *state, enum sandbox_layer layer)
{
	if (state->is_live[layer])
		return HEALTH_OK;
	return state->is_left_out[layer] ? HEALTH_OFF : HEALTH_BAD;
}

static void
examine_sandbox(struct doctor *doctor)
{
	struct sandbox_state state;
	g_autoptr(GError) error = NULL;

	if (!worker_probe(&doctor->config->reading, &state, &error)) {
		find(doctor, "worker", HEALTH_BAD, error->message);
		return;
	}
	find(doctor, "worker", HEALTH_OK, "starts");
	for (enum sandbox_layer layer = 0; layer < N_SANDBOX_LAYERS; layer++)
		find(doctor, sandbox_layer_name(layer), layer_health(&state, layer),
		     state.why[layer]);
}

static void
examine_store(struct doctor *doctor)
{
	const char *url = doctor->config->store_url;
	g_autoptr(GError) error = NULL;
	g_autoptr(store_auto) store = command_open_store(doctor->config, TRUE, &error);

	find(doctor, "opens", store ? HEALTH_OK : HEALTH_BAD, store ? url : error->message);
}

struct intake_examination {
	struct doctor *doctor;
	const char *name;
};

static void
tell_intake(gpointer data, const char *what, gboolean is_well, const char *text)
{
	const struct intake_examination *exam = data;
	g_autofree char *whole = g_strdup_printf("%s: %s", exam->name, what);

	find(exam->doctor, whole, is_well ? HEALTH_OK : HEALTH_BAD, text);
}

static void
examine_intakes(struct doctor *doctor)
{
	const GPtrArray *intakes = doctor->config->intakes;

	if (!doctor->config->trusted_authserv[0])
		find(doctor, "trusted_authserv", HEALTH_OFF,
		     "none is configured; no mail with reports counts, and the takedown list stays "
		     "empty unless reporters are approved. Name what your mail server writes first "
		     "into Authentication-Results: trusted_authserv = {\"mx.example.org\"}");
	if (intakes->len == 0)
		find(doctor, "none", HEALTH_OFF,
		     "no intake is configured; `serve` reads mail only where an intake, or "
		     "--maildir, says where from");
	for (guint i = 0; i < intakes->len; i++) {
		const struct intake_config *config = g_ptr_array_index(intakes, i);
		struct intake_examination exam = { doctor, config->name };
		g_autoptr(GError) error = NULL;
		const struct intake_type *type = intake_type_find(config->type, &error);
		if (type)
			type->examine(config, tell_intake, &exam);
		else
			tell_intake(&exam, "type", FALSE, error->message);
	}
}

static void
tell_finding(gpointer data, const char *what, gboolean is_well, const char *text)
{
	find(data, what, is_well ? HEALTH_OK : HEALTH_BAD, text);
}

static void
examine_enrichment(struct doctor *doctor)
{
	enrichment_examine(doctor->config, tell_finding, doctor);
	if (!doctor->config->geo_databases[0])
		find(doctor, "geo_databases", HEALTH_OFF,
		     "none is configured; AS numbers and countries of addresses stay unknown");
}

static void
examine_dns(struct doctor *doctor)
{
	if (!doctor->config->dns.is_enabled)
		find(doctor, "enabled", HEALTH_OFF,
		     "nothing is asked; names and block lists of addresses stay unknown");
	lookup_examine(&doctor->config->dns, tell_finding, doctor);
}

struct section {
	const char *name;
	void (*examine)(struct doctor *doctor);
};

static const struct section sections[] = {
	{ "sandbox", examine_sandbox }, { "store", examine_store },
	{ "intake", examine_intakes },  { "enrichment", examine_enrichment },
	{ "dns", examine_dns },
};

/* ---- the command ---- */

static gboolean
examine_all(const struct common_options *common, gboolean want_json, GError **error)
{
	g_autoptr(config_auto) config = command_load_config(common, error);
	if (!config)
		return FALSE;
	struct doctor doctor = {
		.config = config,
		.findings = want_json ? json_array() : NULL,
		.is_well = TRUE,
	};
	for (gsize i = 0; i < G_N_ELEMENTS(sections); i++) {
		doctor.section = sections[i].name;
		sections[i].examine(&doctor);
	}
	if (want_json) {
		json_t *root = json_pack("{s:b,s:o}", "is_well", doctor.is_well, "findings",
					 doctor.findings);
		json_dumpf(root, stdout, JSON_INDENT(2));
		putchar('\n');
		json_decref(root);
	}
	if (!doctor.is_well)
		g_set_error_literal(error, DMARCD_ERROR, DMARCD_ERROR_DENIED,
				    "not all is well; see what is bad above");
	return doctor.is_well;
}

static int
run(int argc, char **argv)
{
	g_auto(common_options_auto) common = { 0 };
	gboolean want_json = FALSE;
	const GOptionEntry entries[] = {
		{ "json", 0, 0, G_OPTION_ARG_NONE, &want_json, "Print one JSON object", NULL },
		G_OPTION_ENTRY_NULL,
	};
	g_autoptr(GError) error = NULL;

	if (!command_parse_options(&command_doctor, &common, entries, &argc, &argv, &error))
		return command_fail_usage(&command_doctor, error);
	if (argc > 1) {
		g_set_error(&error, DMARCD_ERROR, DMARCD_ERROR_INVALID, "unexpected \"%s\"",
			    argv[1]);
		return command_fail_usage(&command_doctor, error);
	}
	if (!examine_all(&common, want_json, &error))
		return command_fail(&command_doctor, error);
	return EX_OK;
}

const struct command command_doctor = {
	.name = "doctor",
	.arguments = "",
	.summary = "Say what works and how to mend what does not.",
	.run = run,
};
