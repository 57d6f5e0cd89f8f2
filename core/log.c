/* SPDX-License-Identifier: MIT */
#include "core/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/datagram.h"
#include "core/log_line.h"

#define EVENTS_PER_MINUTE 10
#define VALUE_LEN_MAX     4096
#define JOURNAL_SOCKET    "/run/systemd/journal/socket"

struct rate {
	gint64 minute;
	guint written;
	guint held_back;
};

static const char *const level_names[] = { "error", "warning", "info", "debug", NULL };
static const char *const format_names[] = { "text", "json", "journal", "auto", NULL };

static GMutex lock; /* of what follows */
static struct log_options in_force = { LOG_FORMAT_TEXT, LOG_INFO };
static GHashTable *rates; /* event -> struct rate */

const char *
log_level_name(enum log_level level)
{
	return level_names[level];
}

/* The place of name in names, -1 for none. */
static int
find_name(const char *const *names, const char *name)
{
	for (int i = 0; names[i]; i++)
		if (g_str_equal(names[i], name))
			return i;
	return -1;
}

gboolean
log_level_find(const char *name, enum log_level *ret_level)
{
	int i = find_name(level_names, name);

	if (i >= 0)
		*ret_level = (enum log_level)i;
	return i >= 0;
}

gboolean
log_format_find(const char *name, enum log_format *ret_format)
{
	int i = find_name(format_names, name);

	if (i >= 0)
		*ret_format = (enum log_format)i;
	return i >= 0;
}

/* systemd.exec(5): $JOURNAL_STREAM names the device and inode of what it gave us to write to. */
static gboolean
is_stderr_the_journal(void)
{
	const char *stream = g_getenv("JOURNAL_STREAM");
	struct stat status;

	if (!stream || fstat(STDERR_FILENO, &status) != 0)
		return FALSE;
	g_autofree char *own = g_strdup_printf("%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT,
					       (guint64)status.st_dev, (guint64)status.st_ino);
	return g_str_equal(stream, own);
}

void
log_set_options(const struct log_options *options)
{
	struct log_options chosen = *options;

	if (chosen.format == LOG_FORMAT_AUTO)
		chosen.format = is_stderr_the_journal() ? LOG_FORMAT_JOURNAL : LOG_FORMAT_TEXT;
	g_mutex_lock(&lock);
	in_force = chosen;
	g_mutex_unlock(&lock);
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
write_line(const struct log_line *line)
{
	g_autoptr(GString) out = g_string_new(NULL);

	switch (in_force.format) {
	case LOG_FORMAT_JSON:
		log_line_json(line, out);
		break;
	case LOG_FORMAT_JOURNAL:
		log_line_journal(line, out);
		if (datagram_send(JOURNAL_SOCKET, out->str, out->len))
			return;
		g_string_truncate(out, 0);
		log_line_prefixed(line, out);
		break;
	case LOG_FORMAT_TEXT:
	case LOG_FORMAT_AUTO:
	default:
		log_line_text(line, out);
	}
	fputs(out->str, stderr);
}

/* Under the lock. */
static void
write_event(enum log_level level, const char *event, GPtrArray *fields)
{
	const struct log_line line = { level, g_get_real_time(), event, fields };
	guint held_back;

	if (level > in_force.level || !take_turn(event, &held_back))
		return;
	if (held_back > 0) {
		g_ptr_array_add(fields, g_strdup("held_back"));
		g_ptr_array_add(fields, g_strdup_printf("%u", held_back));
	}
	write_line(&line);
}

void
log_event(enum log_level level, const char *event, ...)
{
	g_autoptr(GPtrArray) fields = g_ptr_array_new_with_free_func(g_free);
	va_list args;
	const char *key;

	va_start(args, event);
	while ((key = va_arg(args, const char *))) {
		const char *value = va_arg(args, const char *);
		g_ptr_array_add(fields, g_strdup(key));
		g_ptr_array_add(fields, g_strndup(value ? value : "", VALUE_LEN_MAX));
	}
	va_end(args);
	g_mutex_lock(&lock);
	write_event(level, event, fields);
	g_mutex_unlock(&lock);
}
