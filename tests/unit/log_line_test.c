/* SPDX-License-Identifier: MIT */
/* Whatever a value holds: one event is one line, one object, one datagram. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>

#include "core/log_line.h"

/* 2026-11-22T05:10:00.000007Z */
#define AT ((gint64)1795324200 * G_USEC_PER_SEC + 7)

typedef void (*write_line)(const struct log_line *line, GString *out);

static GString *
written(write_line write, const char *value)
{
	g_autoptr(GPtrArray) fields = g_ptr_array_new_with_free_func(g_free);
	GString *out = g_string_new(NULL);
	const struct log_line line = { LOG_WARNING, AT, "mail quarantined", fields };

	g_ptr_array_add(fields, g_strdup("intake"));
	g_ptr_array_add(fields, g_strdup("drop"));
	g_ptr_array_add(fields, g_strdup("reason"));
	g_ptr_array_add(fields, g_strdup(value));
	write(&line, out);
	return out;
}

static const char *const hostile[] = {
	"",
	"not XML",
	"two\nlines",
	"\r\n2026-11-22T05:10:00Z error: forged",
	"a\"b\\c",
	"\",\"level\":\"debug",
	"\x1b[2J\x07\x7f",
	"caf\xc3\xa9",
	"\xff\xfe broken \xc3",
	"\xc2\x85 next line, \xe2\x80\xa8 line separator",
	"right \xe2\x80\xae to left",
	"tag \xf3\xa0\x80\x81 beyond the first plane",
	"MESSAGE=forged\nPRIORITY=0\n",
	"reason=x intake=y",
};

static void
text_is_as_the_manual_says(void **state)
{
	g_autoptr(GString) out = written(log_line_text, "not XML");

	(void)state;
	assert_string_equal(out->str, "2026-11-22T05:10:00Z warning: mail quarantined intake=drop "
				      "reason=\"not XML\"\n");
}

static void
prefix_is_the_priority(void **state)
{
	g_autoptr(GString) out = written(log_line_prefixed, "late");

	(void)state;
	assert_string_equal(out->str, "<4>mail quarantined intake=drop reason=late\n");
}

/* Nothing but printable characters up to the one line feed at the end. */
static void
assert_one_line(const GString *out)
{
	assert_true(g_utf8_validate(out->str, (gssize)out->len, NULL));
	assert_int_equal(out->str[out->len - 1], '\n');
	for (const char *p = out->str; p < out->str + out->len - 1; p = g_utf8_next_char(p))
		assert_true(g_unichar_isprint(g_utf8_get_char(p)));
}

static void
a_line_stays_one(void **state)
{
	const write_line writers[] = { log_line_text, log_line_json, log_line_prefixed };

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(hostile); i++)
		for (gsize w = 0; w < G_N_ELEMENTS(writers); w++) {
			g_autoptr(GString) out = written(writers[w], hostile[i]);
			assert_one_line(out);
		}
}

static void
text_fields_can_be_told_apart(void **state)
{
	g_autoptr(GString) forged = written(log_line_text, "reason=x intake=y");
	g_autoptr(GString) quote = written(log_line_text, "a\"b");
	g_autoptr(GString) empty = written(log_line_text, "");

	(void)state;
	assert_true(g_str_has_suffix(forged->str, " reason=\"reason=x intake=y\"\n"));
	assert_true(g_str_has_suffix(quote->str, " reason=\"a\\\"b\"\n"));
	assert_true(g_str_has_suffix(empty->str, " reason=\"\"\n"));
}

static void
json_gives_every_value_back(void **state)
{
	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(hostile); i++) {
		g_autoptr(GString) out = written(log_line_json, hostile[i]);
		g_autofree char *valid = g_utf8_make_valid(hostile[i], -1);
		json_t *root = json_loads(out->str, JSON_REJECT_DUPLICATES, NULL);
		assert_non_null(root);
		assert_int_equal(json_object_size(root), 5);
		assert_string_equal(json_string_value(json_object_get(root, "time")),
				    "2026-11-22T05:10:00.000007Z");
		assert_string_equal(json_string_value(json_object_get(root, "level")), "warning");
		assert_string_equal(json_string_value(json_object_get(root, "event")),
				    "mail quarantined");
		assert_string_equal(json_string_value(json_object_get(root, "intake")), "drop");
		assert_string_equal(json_string_value(json_object_get(root, "reason")), valid);
		json_decref(root);
	}
}

/* Reads what the journal would: NAME=value lines, and NAME, length, value. */
static GHashTable *
read_journal(const GString *out)
{
	GHashTable *fields = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	const char *p = out->str;
	const char *end = out->str + out->len;

	while (p < end) {
		const char *stop = memchr(p, '\n', (gsize)(end - p));
		assert_non_null(stop);
		const char *equals = memchr(p, '=', (gsize)(stop - p));
		const char *name_end = equals ? equals : stop;
		char *name = g_strndup(p, (gsize)(name_end - p));
		guint64 len = equals ? (guint64)(stop - equals - 1) : 0;
		const char *value = equals + 1;
		if (!equals) {
			assert_true(end - stop > 8);
			memcpy(&len, stop + 1, sizeof(len));
			len = GUINT64_FROM_LE(len);
			value = stop + 1 + sizeof(len);
		}
		assert_true(len < (guint64)(end - value));
		assert_int_equal(value[len], '\n');
		assert_true(g_hash_table_insert(fields, name, g_strndup(value, len)));
		p = value + len + 1;
	}
	return fields;
}

static void
journal_gives_every_value_back(void **state)
{
	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(hostile); i++) {
		g_autoptr(GString) out = written(log_line_journal, hostile[i]);
		g_autoptr(GHashTable) fields = read_journal(out);
		assert_int_equal(g_hash_table_size(fields), 6);
		assert_string_equal(g_hash_table_lookup(fields, "PRIORITY"), "4");
		assert_string_equal(g_hash_table_lookup(fields, "SYSLOG_IDENTIFIER"), "dmarcd");
		assert_string_equal(g_hash_table_lookup(fields, "DMARCD_EVENT"),
				    "mail quarantined");
		assert_string_equal(g_hash_table_lookup(fields, "DMARCD_INTAKE"), "drop");
		assert_string_equal(g_hash_table_lookup(fields, "DMARCD_REASON"), hostile[i]);
		assert_true(g_str_has_prefix(g_hash_table_lookup(fields, "MESSAGE"),
					     "mail quarantined intake=drop reason="));
	}
}

static void
names_are_those_of_the_configuration(void **state)
{
	enum log_level level = LOG_INFO;
	enum log_format format = LOG_FORMAT_TEXT;

	(void)state;
	assert_true(log_level_find("debug", &level));
	assert_int_equal(level, LOG_DEBUG);
	assert_true(log_format_find("journal", &format));
	assert_int_equal(format, LOG_FORMAT_JOURNAL);
	assert_false(log_level_find("Debug", &level));
	assert_false(log_format_find("", &format));
	assert_int_equal(format, LOG_FORMAT_JOURNAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_as_the_manual_says),
		cmocka_unit_test(prefix_is_the_priority),
		cmocka_unit_test(a_line_stays_one),
		cmocka_unit_test(text_fields_can_be_told_apart),
		cmocka_unit_test(json_gives_every_value_back),
		cmocka_unit_test(journal_gives_every_value_back),
		cmocka_unit_test(names_are_those_of_the_configuration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
