/* SPDX-License-Identifier: MIT */
/* What would be lost, by sender. */
#include "core/report.h"
#include "web/readiness_tree.h"
#include "web/say.h"
#include "web/tree.h"
#include "web/why.h"
#include "web/words.h"

/* One line: a sender, or with found NULL all that were not told apart. */
struct line {
	const struct readiness_sender *sender;
	const struct readiness_sender_sum *found;
};

static gint
compare_lines(gconstpointer one, gconstpointer other)
{
	const struct readiness_sender *a = ((const struct line *)one)->sender;
	const struct readiness_sender *b = ((const struct line *)other)->sender;

	if (a->lost != b->lost)
		return a->lost > b->lost ? -1 : 1;
	return a->messages > b->messages ? -1 : a->messages < b->messages;
}

static GArray *
sort_lines(const struct readiness_case *c)
{
	GArray *lines = g_array_new(FALSE, FALSE, sizeof(struct line));

	for (guint i = 0; i < c->senders->len; i++) {
		const struct line line = {
			&g_array_index(c->senders, struct readiness_sender, i),
			i < c->found->senders->len ? g_ptr_array_index(c->found->senders, i) : NULL,
		};
		if (line.sender->lost > 0)
			g_array_append_val(lines, line);
	}
	g_array_sort(lines, compare_lines);
	return lines;
}

/*
 * What a service says of itself goes before what its figures say, but where these tell of a fault.
 * What passes as published fails by a stricter mode.
 */
static char *
say_fix(const struct readiness_case *c, const struct line *line, const struct sender *known)
{
	const char *key = line->sender->fix;
	gboolean is_fault =
		g_str_equal(key, "readiness.fix_error") || g_str_equal(key, "readiness.fix_broken");

	if (!line->found)
		return NULL;
	if (!readiness_sender_is_open(line->sender, &c->limits))
		return g_strdup(words_get("readiness.fix_none"));
	if (line->sender->lost > figures_fail(&line->found->figures))
		key = "readiness.fix_strict";
	else if (known && *known->fix && !is_fault)
		return g_strdup(known->fix);
	return say_text(key, word_text("domain", c->found->domain));
}

/* An address has a page of its own; of a sender the sources of its class are shown. */
static char *
find_link(const struct line *line, const struct filter *filter)
{
	char text[IP_TEXT_LEN];

	if (line->found && !*line->found->sender) {
		g_autofree char *path =
			tree_address("/sources/", ip_format(&line->found->ip, text));
		return filter_link(filter, path, NULL, NULL);
	}
	return filter_link(filter, "/sources", "class", class_name(line->sender->class));
}

static json_t *
make_row(const struct readiness_case *c, const struct line *line, const struct filter *filter,
	 const struct page *page)
{
	const struct readiness_sender_sum *found = line->found;
	const struct sender *known = found ? why_sender(page, found->sender) : NULL;
	const char *name = words_get("readiness.rest");
	char text[IP_TEXT_LEN] = "";
	json_t *row = json_object();

	if (found && !*found->sender)
		ip_format(&found->ip, text);
	if (found)
		name = known ? known->name : *found->sender ? found->sender : text;
	tree_text(row, "sender", found ? found->sender : NULL);
	tree_text(row, "sender_name", known ? known->name : NULL);
	tree_text(row, "source_ip", text);
	tree_class(row, line->sender->class);
	tree_count(row, "messages", line->sender->messages);
	tree_count(row, "lost", line->sender->lost);
	tree_take(row, "fix", say_fix(c, line, known));
	tree_text(row, "_name", name);
	tree_long(row, name);
	tree_take(row, "_href", find_link(line, filter));
	return row;
}

void
readiness_tree_senders(const struct readiness_case *c, const struct filter *filter,
		       struct page *page)
{
	g_autoptr(GArray) lines = sort_lines(c);
	json_t *data = json_array();

	for (guint i = 0; i < MIN(lines->len, page->limit); i++)
		json_array_append_new(
			data, make_row(c, &g_array_index(lines, struct line, i), filter, page));
	page_add_list(page, data, NULL);
	if (lines->len > page->limit)
		tree_take(page->root, "_more_senders",
			  say_text("readiness.more_senders",
				   word_count("n", lines->len - page->limit)));
}
