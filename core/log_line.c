/* SPDX-License-Identifier: MIT */
#include "core/log_line.h"

/* syslog(3)'s numbers for our levels. */
static const int priorities[] = {
	[LOG_ERROR] = 3,
	[LOG_WARNING] = 4,
	[LOG_INFO] = 6,
	[LOG_DEBUG] = 7,
};

/* Field i of n, as pairs. */
#define KEY(line, i)   ((const char *)g_ptr_array_index((line)->fields, (i)))
#define VALUE(line, i) ((const char *)g_ptr_array_index((line)->fields, (i) + 1))

static gboolean
is_plain(const char *value)
{
	if (!*value || strpbrk(value, " \"=\\") || !g_utf8_validate(value, -1, NULL))
		return FALSE;
	for (; *value; value = g_utf8_next_char(value))
		if (!g_unichar_isprint(g_utf8_get_char(value)))
			return FALSE;
	return TRUE;
}

/* Quoted where it holds more than plain characters, so that fields can be told apart. */
static void
append_text_value(GString *out, const char *value)
{
	if (is_plain(value)) {
		g_string_append(out, value);
		return;
	}
	g_autofree char *escaped = g_strescape(value, NULL);
	g_string_append_printf(out, "\"%s\"", escaped);
}

static void
append_text(const struct log_line *line, GString *out)
{
	g_string_append(out, line->event);
	for (guint i = 0; i < line->fields->len; i += 2) {
		g_string_append_printf(out, " %s=", KEY(line, i));
		append_text_value(out, VALUE(line, i));
	}
}

static void
append_time(GString *out, gint64 at, const char *format)
{
	g_autoptr(GDateTime) second = g_date_time_new_from_unix_utc(at / G_USEC_PER_SEC);
	g_autofree char *time = g_date_time_format(second, format);

	g_string_append(out, time);
}

void
log_line_text(const struct log_line *line, GString *out)
{
	append_time(out, line->at, "%Y-%m-%dT%H:%M:%SZ");
	g_string_append_printf(out, " %s: ", log_level_name(line->level));
	append_text(line, out);
	g_string_append_c(out, '\n');
}

void
log_line_prefixed(const struct log_line *line, GString *out)
{
	g_string_append_printf(out, "<%d>", priorities[line->level]);
	append_text(line, out);
	g_string_append_c(out, '\n');
}

/* RFC 8259 §7; beyond ASCII what cannot be printed is escaped as well. */
static void
append_json_char(GString *out, gunichar c)
{
	if (c == '"' || c == '\\')
		g_string_append_c(out, '\\');
	if (g_unichar_isprint(c))
		g_string_append_unichar(out, c);
	else if (c <= 0xffff)
		g_string_append_printf(out, "\\u%04x", c);
	else
		g_string_append_printf(out, "\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10),
				       0xdc00 + ((c - 0x10000) & 0x3ff));
}

static void
append_json_member(GString *out, const char *key, const char *value)
{
	g_autofree char *valid = g_utf8_make_valid(value, -1);

	g_string_append_printf(out, ",\"%s\":\"", key);
	for (const char *p = valid; *p; p = g_utf8_next_char(p))
		append_json_char(out, g_utf8_get_char(p));
	g_string_append_c(out, '"');
}

void
log_line_json(const struct log_line *line, GString *out)
{
	g_string_append(out, "{\"time\":\"");
	append_time(out, line->at, "%Y-%m-%dT%H:%M:%S");
	g_string_append_printf(out, ".%06dZ\"", (int)(line->at % G_USEC_PER_SEC));
	append_json_member(out, "level", log_level_name(line->level));
	append_json_member(out, "event", line->event);
	for (guint i = 0; i < line->fields->len; i += 2)
		append_json_member(out, KEY(line, i), VALUE(line, i));
	g_string_append(out, "}\n");
}

/* The form with a length, which every value may have: none can end before its end. */
static void
append_journal_field(GString *out, const char *prefix, const char *key, const char *value)
{
	g_autofree char *upper = g_ascii_strup(key, -1);
	guint64 len = GUINT64_TO_LE(strlen(value));

	g_string_append_printf(out, "%s%s\n", prefix, upper);
	g_string_append_len(out, (const char *)&len, sizeof(len));
	g_string_append(out, value);
	g_string_append_c(out, '\n');
}

void
log_line_journal(const struct log_line *line, GString *out)
{
	g_autoptr(GString) message = g_string_new(NULL);

	append_text(line, message);
	g_string_append_printf(out, "PRIORITY=%d\nSYSLOG_IDENTIFIER=dmarcd\n",
			       priorities[line->level]);
	append_journal_field(out, "", "MESSAGE", message->str);
	append_journal_field(out, "DMARCD_", "EVENT", line->event);
	for (guint i = 0; i < line->fields->len; i += 2)
		append_journal_field(out, "DMARCD_", KEY(line, i), VALUE(line, i));
}
