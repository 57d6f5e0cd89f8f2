/* SPDX-License-Identifier: MIT */
#include "web/figures.h"

#include <string.h>

#include "web/say.h"
#include "web/words.h"

#define DAY_S        86400
#define SHORT_DAYS   300
#define GROUP_DIGITS 3

char *
figures_count(gint64 n)
{
	g_autofree char *digits = g_strdup_printf("%" G_GINT64_FORMAT, n);
	GString *text = g_string_new(NULL);
	const char *p = digits;

	if (*p == '-')
		g_string_append_c(text, *p++);
	for (gsize left = strlen(p); left > 0; left--) {
		g_string_append_c(text, *p++);
		if (left > 1 && (left - 1) % GROUP_DIGITS == 0)
			g_string_append_c(text, ',');
	}
	return g_string_free(text, FALSE);
}

char *
figures_share(gint64 part, gint64 whole)
{
	if (whole <= 0)
		return g_strdup(words_get("figure.no_mail"));
	if (part <= 0)
		return g_strdup("0 %");
	if (part >= whole)
		return g_strdup("100 %");

	double percent = 100.0 * (double)part / (double)whole;
	if (percent < 0.1)
		return g_strdup("<0.1 %");
	if (percent > 99.9)
		return g_strdup(">99.9 %");
	return g_strdup_printf("%.1f %%", percent);
}

static GDateTime *
date_of(gint64 at)
{
	GDateTime *date = g_date_time_new_from_unix_utc(at);

	/* Past the year 9999: no report has such an instant, but a hostile one may claim it. */
	return date ? date : g_date_time_new_from_unix_utc(0);
}

static GDateTime *
date_of_day(gint64 day)
{
	gint64 limit = G_MAXINT64 / DAY_S;

	return date_of(CLAMP(day, -limit, limit) * DAY_S);
}

char *
figures_day(gint64 day)
{
	g_autoptr(GDateTime) date = date_of_day(day);

	return g_date_time_format(date, "%Y-%m-%d");
}

static const char *
month_name(GDateTime *date)
{
	g_autofree char *key = g_strdup_printf("month.%d", g_date_time_get_month(date));

	return words_get(key);
}

char *
figures_month(gint64 day)
{
	g_autoptr(GDateTime) date = date_of_day(day);
	g_autofree char *year = g_strdup_printf("%d", g_date_time_get_year(date));

	return say_text("figure.month", word_text("month", month_name(date)),
			word_text("year", year));
}

char *
figures_short_day(gint64 day, gint64 near)
{
	if (day < near - SHORT_DAYS || day > near + SHORT_DAYS)
		return figures_month(day);

	g_autoptr(GDateTime) date = date_of_day(day);
	g_autofree char *of_month = g_strdup_printf("%d", g_date_time_get_day_of_month(date));
	return say_text("figure.day", word_text("day", of_month),
			word_text("month", month_name(date)));
}

char *
figures_instant(gint64 at)
{
	g_autoptr(GDateTime) date = date_of(at);

	return g_date_time_format(date, "%Y-%m-%dT%H:%M:%SZ");
}

char *
figures_minute(gint64 at)
{
	g_autoptr(GDateTime) date = date_of(at);

	return g_date_time_format(date, "%Y-%m-%d %H:%M");
}

struct unit {
	gint64 size;
	const char *name;
};

static const struct unit sizes[] = {
	{ 1000000000, "GB" },
	{ 1000000, "MB" },
	{ 1000, "kB" },
};

char *
figures_size(gint64 bytes)
{
	for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
		if (bytes < sizes[i].size)
			continue;
		double n = (double)bytes / (double)sizes[i].size;
		return g_strdup_printf(n < 10 ? "%.1f %s" : "%.0f %s", n, sizes[i].name);
	}
	return g_strdup_printf("%" G_GINT64_FORMAT " B", bytes);
}
