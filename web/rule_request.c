/* SPDX-License-Identifier: MIT */
#include "web/rule_request.h"

#include <string.h>

#include "analysis/rule_words.h"
#include "core/error.h"
#include "web/words.h"

static const char *const names[] = {
	"kind", "match", "domain", "class", "note", "expires", "ends", "next",
};

static const char *
pick(const struct request *request, guint i)
{
	char name[16];

	g_snprintf(name, sizeof(name), "pick%u", i + 1);
	return request_field(request, name);
}

static gboolean
read_draft(struct rule_request *rule, const struct request *request, struct rule_words *words,
	   GError **error)
{
	struct rule_draft *draft = &rule->drafts[rule->change.n_adds];
	const char *note = request_field(request, "note");

	words->class = request_field(request, "class");
	words->expires = request_field(request, "expires");
	draft->note = note ? g_string_chunk_insert(rule->texts, note) : "";
	if (!rule_words_read(&draft->rule, words, rule->texts, error))
		return FALSE;
	rule->change.adds = rule->drafts;
	rule->change.n_adds++;
	return TRUE;
}

/* "192.0.2.1 example.org" */
static gboolean
read_pick(struct rule_request *rule, const struct request *request, const char *picked,
	  GError **error)
{
	g_auto(GStrv) parts = g_strsplit(picked, " ", 2);
	struct rule_words words = { .kind = "ip", .match = parts[0] };

	words.domain = parts[0] ? parts[1] : NULL;
	return read_draft(rule, request, &words, error);
}

static gboolean
read_picks(struct rule_request *rule, const struct request *request, GError **error)
{
	for (guint i = 0; i < RULES_AT_ONCE_MAX; i++) {
		const char *picked = pick(request, i);
		if (picked && !read_pick(rule, request, picked, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
read_added(struct rule_request *rule, const struct request *request, GError **error)
{
	struct rule_words words = {
		.kind = request_field(request, "kind"),
		.match = request_field(request, "match"),
		.domain = request_field(request, "domain"),
	};

	if (!read_picks(rule, request, error))
		return FALSE;
	if (rule->change.n_adds > 0 || (!words.match && rule->change.ends != 0))
		return TRUE;
	if (words.match)
		return read_draft(rule, request, &words, error);
	g_set_error_literal(error, DMARCD_ERROR, DMARCD_ERROR_INVALID, words_get("rules.nothing"));
	return FALSE;
}

static gboolean
read_all(struct rule_request *rule, const struct request *request, GError **error)
{
	const char *ends = request_field(request, "ends");

	if (ends && !g_ascii_string_to_signed(ends, 10, 1, G_MAXINT64, &rule->change.ends, NULL)) {
		g_set_error_literal(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
				    words_get("rules.no_number"));
		return FALSE;
	}
	return read_added(rule, request, error);
}

gboolean
rule_request_read(struct rule_request *rule, const struct request *request, GError **error)
{
	g_autoptr(GError) cause = NULL;

	*rule = (struct rule_request){ .texts = g_string_chunk_new(512) };
	if (read_all(rule, request, &cause))
		return TRUE;
	rule_request_clear(rule);
	/* Whatever it is, the form is to be mended. */
	g_set_error_literal(error, DMARCD_ERROR, DMARCD_ERROR_INVALID, cause->message);
	return FALSE;
}

void
rule_request_clear(struct rule_request *rule)
{
	g_clear_pointer(&rule->texts, g_string_chunk_free);
	rule->change = (struct rule_change){ 0 };
}

static void
add_field(json_t *list, const char *name, const char *value)
{
	if (value)
		json_array_append_new(list, json_pack("{s:s, s:s}", "name", name, "value", value));
}

json_t *
rule_request_fields(const struct request *request)
{
	json_t *list = json_array();

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
		add_field(list, names[i], request_field(request, names[i]));
	for (guint i = 0; i < RULES_AT_ONCE_MAX; i++) {
		g_autofree char *name = g_strdup_printf("pick%u", i + 1);
		add_field(list, name, pick(request, i));
	}
	return list;
}
