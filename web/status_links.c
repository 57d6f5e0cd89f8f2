/* SPDX-License-Identifier: MIT */
#include "web/status_links.h"

#include "core/metrics.h"
#include "web/figures.h"
#include "web/say.h"
#include "web/tree.h"
#include "web/words.h"

/* Not reached, and it was tried. */
static gboolean
is_lost(const struct metrics_link *link)
{
	return !link->is_connected && *link->why;
}

static void
fill_times(json_t *row, const struct metrics_link *link)
{
	tree_instant(row, "last_contact", link->contact_at);
	tree_instant(row, "last_mail", link->mail_at);
	if (link->contact_at > 0)
		tree_take(row, "_last_contact", figures_minute(link->contact_at));
	if (link->mail_at > 0)
		tree_take(row, "_last_mail", figures_minute(link->mail_at));
}

static json_t *
link_row(const struct metrics_link *link)
{
	json_t *row = json_object();

	tree_text(row, "intake", link->name);
	json_object_set_new(row, "is_connected", json_boolean(link->is_connected));
	tree_text(row, "reason", link->why);
	tree_text(row, "_icon", is_lost(link) ? "no" : "yes");
	if (link->is_connected)
		tree_text(row, "_state", words_get("status.link_good"));
	else if (is_lost(link))
		tree_take(row, "_state", say_text("status.link_lost", word_text("why", link->why)));
	else
		tree_text(row, "_state", words_get("status.link_new"));
	fill_times(row, link);
	return row;
}

guint
status_links_fill(json_t *root)
{
	g_autoptr(GPtrArray) links = metrics_links();
	json_t *rows = json_array();
	guint n_lost = 0;

	for (guint i = 0; i < links->len; i++) {
		const struct metrics_link *link = g_ptr_array_index(links, i);
		n_lost += is_lost(link) ? 1 : 0;
		json_array_append_new(rows, link_row(link));
	}
	tree_flag(root, "_has_intakes", links->len > 0);
	json_object_set_new(root, "intakes", rows);
	return n_lost;
}
