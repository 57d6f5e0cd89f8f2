/* SPDX-License-Identifier: MIT */
#include "store/reason.h"

#include <string.h>

#define CODE_LEN_MAX 40

static const char *
skip_digits(const char *at)
{
	while (g_ascii_isdigit(*at))
		at++;
	return at;
}

char *
reason_pattern(const char *reason)
{
	GString *pattern = g_string_new(NULL);
	const char *at = reason;

	while (*at && pattern->len < REASON_PATTERN_MAX) {
		const char *quote = *at == '"' ? strchr(at + 1, '"') : NULL;
		if (quote) {
			g_string_append(pattern, "\"...\"");
			at = quote + 1;
		} else if (g_ascii_isdigit(*at)) {
			g_string_append_c(pattern, '#');
			at = skip_digits(at);
		} else {
			const char *next = g_utf8_next_char(at);
			g_string_append_len(pattern, at, next - at);
			at = next;
		}
	}
	return g_string_free(pattern, FALSE);
}

const char *
reason_code_of_note(const char *note)
{
	gsize len = note ? strspn(note, "abcdefghijklmnopqrstuvwxyz0123456789-") : 0;

	return len > 0 && len <= CODE_LEN_MAX && note[len] == '\0' ? note : FAULT_NO_REPORT;
}
