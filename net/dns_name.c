/* SPDX-License-Identifier: MIT */
#include "net/dns_name.h"

#include <string.h>

#define POINTER_BITS  0xc0U
#define NAME_WIRE_MAX 255

static gboolean
is_plain(char c)
{
	return g_ascii_isalnum(c) || c == '-' || c == '_';
}

static gboolean
is_label(const char *label)
{
	gsize len = 0;

	while (is_plain(label[len]))
		len++;
	return len > 0 && len <= DNS_LABEL_LEN_MAX && label[len] == '\0';
}

static gboolean
is_number(const char *label)
{
	return label[strspn(label, "0123456789")] == '\0';
}

gboolean
dns_name_fold(const char *name, GString *out)
{
	g_string_truncate(out, 0);
	if (strlen(name) > DNS_NAME_LEN_MAX + 1)
		return FALSE;
	g_string_append(out, name);
	if (g_str_has_suffix(out->str, "."))
		g_string_truncate(out, out->len - 1);
	g_string_ascii_down(out);
	g_auto(GStrv) labels = g_strsplit(out->str, ".", -1);
	guint n = g_strv_length(labels);
	for (guint i = 0; i < n; i++)
		if (!is_label(labels[i]))
			return FALSE;
	return n > 1 && out->len <= DNS_NAME_LEN_MAX && !is_number(labels[n - 1]);
}

static void
append_label(GString *out, const guint8 *label, gsize len)
{
	if (out->len > 0)
		g_string_append_c(out, '.');
	for (gsize i = 0; i < len; i++) {
		char c = (char)label[i];
		if (is_plain(c))
			g_string_append_c(out, g_ascii_tolower(c));
		else
			g_string_append_printf(out, "\\%03u", label[i]);
	}
}

gboolean
dns_name_unpack(const guint8 *message, gsize len, gsize *at, GString *out)
{
	gsize here = *at;
	gsize lowest = here; /* each pointer points before all that was read: no loop */
	gsize wire_len = 1;
	gboolean has_jumped = FALSE;

	g_string_truncate(out, 0);
	while (here < len && message[here] != 0) {
		guint8 head = message[here];
		if ((head & POINTER_BITS) == POINTER_BITS) {
			if (here + 2 > len)
				return FALSE;
			gsize target = (gsize)(head & ~POINTER_BITS) << 8 | message[here + 1];
			if (target >= lowest)
				return FALSE;
			if (!has_jumped)
				*at = here + 2;
			has_jumped = TRUE;
			here = lowest = target;
			continue;
		}
		wire_len += (gsize)head + 1;
		if (head > DNS_LABEL_LEN_MAX || wire_len > NAME_WIRE_MAX || here + 1 + head > len)
			return FALSE;
		append_label(out, message + here + 1, head);
		here += (gsize)head + 1;
	}
	if (here >= len)
		return FALSE;
	if (!has_jumped)
		*at = here + 1;
	return TRUE;
}
