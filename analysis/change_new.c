/* SPDX-License-Identifier: MIT */
/* C1, C5 and C6: sources, selectors and names that were not there before. */
#include <math.h>

#include "analysis/change_find.h"
#include "core/report.h"

/* --- C1 --- */

static gint
compare_sources(gconstpointer a, gconstpointer b)
{
	const struct history_source *first = a;
	const struct history_source *second = b;
	gint order = memcmp(first->ip.bytes, second->ip.bytes, sizeof(first->ip.bytes));

	if (order == 0)
		order = (first->first_day > second->first_day) -
			(first->first_day < second->first_day);
	if (order == 0)
		order = (first->day > second->day) - (first->day < second->day);
	if (order == 0)
		order = (gint)first->class - (gint)second->class;
	return order ? order : (first->asn > second->asn) - (first->asn < second->asn);
}

static gboolean is_alarming(enum class class)
{
	return class == CLASS_FIX || class == CLASS_REVIEW || class == CLASS_UNAUTHORIZED;
}

static void
tell_source(const struct change_finder *finder, const struct history_source *source, gint64 day,
	    gint64 messages)
{
	char ip[IP_TEXT_LEN];
	g_autofree char *network =
		source->asn > 0 ? g_strdup_printf("AS%" G_GUINT32_FORMAT, source->asn) : NULL;

	change_found(finder, &(struct change){ .kind = CHANGE_SOURCE_NEW,
					       .day = day,
					       .object = ip_format(&source->ip, ip),
					       .class = source->class,
					       .is = network,
					       .numbers = { { messages, 0 } } });
}

/* The days of one source, the first of n rows in order. */
static void
look_at_source(const struct change_finder *finder, const struct history_source *rows, gsize n)
{
	gint64 first_day = rows->first_day;
	gint64 reached = -1;
	gint64 sum = 0;

	if (!is_alarming(rows->class) || !change_is_news(finder, first_day))
		return;
	for (gsize i = 0; i < n; i++) {
		if (rows[i].day < first_day ||
		    rows[i].day > change_days_complete_through(finder->days))
			continue;
		sum = count_add(sum, MAX(rows[i].messages, 0));
		if (reached < 0 && sum >= finder->limits->source_messages &&
		    rows[i].day - first_day < finder->limits->source_days)
			reached = rows[i].day;
	}
	if (reached >= 0)
		tell_source(finder, rows, reached, sum);
}

void
change_find_sources(const struct change_finder *finder)
{
	const struct history *history = finder->history;
	g_autoptr(GArray) sorted = change_sort(history->sources, history->n_sources,
					       sizeof(*history->sources), compare_sources);
	const struct history_source *rows = (const struct history_source *)(gpointer)sorted->data;
	gsize end;

	for (gsize start = 0; start < sorted->len; start = end) {
		for (end = start + 1; end < sorted->len; end++)
			if (!ip_equal(&rows[start].ip, &rows[end].ip))
				break;
		look_at_source(finder, rows + start, end - start);
	}
}

/* --- C5 --- */

/* How many seen days without a pass make the selector a gone one. */
static gint64
gone_after(const struct change_finder *finder, const struct history_selector *row)
{
	double mean = ((double)row->last_day - (double)row->first_day) / (double)(row->days - 1);
	double days = ceil(mean * (double)finder->limits->silence_factor);

	return MAX(finder->limits->selector_gone_days, (gint64)MIN(days, G_MAXINT32));
}

static void
look_for_gone(const struct change_finder *finder, const struct history_selector *row)
{
	const struct change_days *days = finder->days;

	if (row->days < finder->limits->silence_active_days || row->last_day < row->first_day ||
	    row->last_day < days->base || row->last_day >= days->base + days->n)
		return;

	gint64 last = row->last_day - days->base;
	gint64 after = gone_after(finder, row);
	for (gint64 i = last + 1; i < days->n_complete; i++) {
		gint64 silent = change_days_seen(days, last, i);
		if (silent < after)
			continue;
		change_found(finder, &(struct change){
					     .kind = CHANGE_SELECTOR_GONE,
					     .day = days->base + i,
					     .object = row->selector,
					     .part = row->domain,
					     .is = row->home,
					     .numbers = { { silent, 0 }, { row->last_day, 0 } } });
		break;
	}
}

void
change_find_selectors(const struct change_finder *finder)
{
	for (gsize i = 0; i < finder->history->n_selectors; i++) {
		const struct history_selector *row = &finder->history->selectors[i];
		if (change_is_news(finder, row->first_day))
			change_found(finder, &(struct change){ .kind = CHANGE_SELECTOR_NEW,
							       .day = row->first_day,
							       .object = row->selector,
							       .part = row->domain,
							       .is = row->home });
		look_for_gone(finder, row);
	}
}

/* --- C6 --- */

void
change_find_subdomains(const struct change_finder *finder)
{
	for (gsize i = 0; i < finder->history->n_subdomains; i++) {
		const struct history_subdomain *row = &finder->history->subdomains[i];
		if (row->messages >= finder->limits->subdomain_messages &&
		    change_is_news(finder, row->first_day))
			change_found(finder,
				     &(struct change){ .kind = CHANGE_SUBDOMAIN_NEW,
						       .day = row->first_day,
						       .object = row->name,
						       .numbers = { { row->messages, 0 } } });
	}
}
