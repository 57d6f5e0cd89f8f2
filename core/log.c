/* SPDX-License-Identifier: MIT */
#include "core/log.h"

#include <stdarg.h>
#include <stdio.h>

#define EVENTS_PER_MINUTE 10

struct rate {
	gint64 minute;
	guint written;
	guint held_back;
};

static const char *const level_names[] = { "error", "warning", "info", "debug" };
static enum log_level threshold = LOG_INFO;
static GMutex lock;
static GHashTable *rates; /* event -> struct rate */

void
log_set_level(enum log_level level)
{
	threshold = level;
}

/* Quote what holds a space, quote or control character, so that fields can be told apart. */
static void
append_value(GString *line, const char *value)
{
	if (*value && strpbrk(value, " \"=\\\t\r\n") == NULL && g_utf8_validate(value, -1, NULL)) {
		g_string_append(line, value);
		return;
	}
	g_autofree char *escaped = g_strescape(value, NULL);
	g_string_append_printf(line, "\"%s\"", escaped);
}

/* TRUE where the event may be written now; ret_held_back tells how many were not. */
static gboolean
take_turn(const char *event, guint *ret_held_back)
{
	gint64 minute = g_get_monotonic_time() / (60 * G_USEC_PER_SEC);

	if (!rates)
		rates = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	struct rate *rate = g_hash_table_lookup(rates, event);
	if (!rate) {
		rate = g_new0(struct rate, 1);
		g_hash_table_insert(rates, g_strdup(event), rate);
	}
	*ret_held_back = 0;
	if (rate->minute != minute) {
		*ret_held_back = rate->held_back;
		*rate = (struct rate){ minute, 0, 0 };
	}
	if (rate->written >= EVENTS_PER_MINUTE) {
		rate->held_back++;
		return FALSE;
	}
	rate->written++;
	return TRUE;
}

static void
write_line(enum log_level level, const char *event, const char *fields, guint held_back)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();
	g_autofree char *time = g_date_time_format(now, "%Y-%m-%dT%H:%M:%SZ");
	g_autoptr(GString) line = g_string_new(NULL);

	g_string_append_printf(line, "%s %s: %s%s", time, level_names[level], event, fields);
	if (held_back > 0)
		g_string_append_printf(line, " held_back=%u", held_back);
	g_string_append_c(line, '\n');
	fputs(line->str, stderr);
}

void
log_event(enum log_level level, const char *event, ...)
{
	if (level > threshold)
		return;
	g_autoptr(GString) fields = g_string_new(NULL);
	va_list args;
	const char *key;
	va_start(args, event);
	while ((key = va_arg(args, const char *))) {
		const char *value = va_arg(args, const char *);
		g_string_append_printf(fields, " %s=", key);
		append_value(fields, value ? value : "");
	}
	va_end(args);

	guint held_back;
	g_mutex_lock(&lock);
	if (take_turn(event, &held_back))
		write_line(level, event, fields->str, held_back);
	g_mutex_unlock(&lock);
}
