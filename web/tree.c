/* SPDX-License-Identifier: MIT */
#include "web/tree.h"

#include "core/ip.h"
#include "core/report.h"
#include "web/figures.h"
#include "web/words.h"

void
tree_text(json_t *object, const char *name, const char *text)
{
	json_object_set_new(object, name, text && *text ? json_string(text) : json_null());
}

void
tree_take(json_t *object, const char *name, char *text)
{
	tree_text(object, name, text);
	g_free(text);
}

void
tree_count(json_t *object, const char *name, gint64 n)
{
	json_object_set_new(object, name, json_integer(n));
}

void
tree_flag(json_t *object, const char *name, gboolean is_so)
{
	json_object_set_new(object, name, json_boolean(is_so));
}

void
tree_day(json_t *object, const char *name, gint64 day)
{
	tree_take(object, name, figures_day(day));
}

void
tree_instant(json_t *object, const char *name, gint64 at)
{
	tree_take(object, name, at ? figures_instant(at) : NULL);
}

void
tree_list(json_t *object, const char *name, const char *joined)
{
	json_t *list = json_array();
	g_auto(GStrv) parts = g_strsplit(joined ? joined : "", ";", -1);

	for (gsize i = 0; parts[i]; i++) {
		const char *part = g_strstrip(parts[i]);
		if (*part)
			json_array_append_new(list, json_string(part));
	}
	json_object_set_new(object, name, list);
}

void
tree_totals(json_t *object, const struct totals *totals)
{
	tree_count(object, "messages", totals->messages);
	tree_count(object, "pass", totals->pass);
	tree_count(object, "fail", totals_fail(totals));
	tree_count(object, "dkim_pass", totals->dkim_pass);
	tree_count(object, "spf_pass", totals->spf_pass);
	tree_count(object, "quarantined", totals->quarantined);
	tree_count(object, "rejected", totals->rejected);
	tree_count(object, "delivered", totals_delivered(totals));
	tree_count(object, "_stopped", count_add(totals->quarantined, totals->rejected));
	tree_take(object, "_pass", figures_share(totals->pass, totals->messages));
	tree_take(object, "_spf", figures_share(totals->spf_pass, totals->messages));
	tree_take(object, "_dkim", figures_share(totals->dkim_pass, totals->messages));
}

const char *tree_class_name(enum class class)
{
	g_autofree char *key = g_strconcat("class.", class_name(class), NULL);

	return words_get(key);
}

void
tree_class(json_t *object, enum class class)
{
	tree_text(object, "class", class == CLASS_NONE ? NULL : class_name(class));
	tree_text(object, "_class", class_name(class));
	tree_text(object, "_class_name", tree_class_name(class));
}

void
tree_seen(json_t *object, gint64 first_day, gint64 last_day, gint64 near)
{
	tree_day(object, "first_seen", first_day);
	tree_day(object, "last_seen", last_day);
	tree_take(object, "_first_seen", figures_short_day(first_day, near));
	tree_take(object, "_last_seen", figures_short_day(last_day, near));
}

json_t *
tree_source(const struct query_source *source, gint64 near)
{
	json_t *row = json_object();
	char text[IP_TEXT_LEN];

	tree_text(row, "source_ip", ip_format(&source->ip, text));
	tree_text(row, "domain", source->domain);
	tree_class(row, source->class);
	json_object_set_new(row, "rule",
			    source->rule ? json_sprintf("R%u", (unsigned)source->rule)
					 : json_null());
	tree_totals(row, &source->totals);
	tree_count(row, "reporters", source->reporters);
	tree_seen(row, source->first_day, source->last_day, near);
	return row;
}
