/* SPDX-License-Identifier: MIT */
#include "store/address_find.h"

#include <string.h>

static gboolean
is_local_byte(char byte)
{
	return g_ascii_isalnum(byte) || (guchar)byte >= 0x80 ||
	       (byte && strchr("!#$%&'*+/=?^_`{|}~.-", byte));
}

static gboolean
is_domain_byte(char byte)
{
	return g_ascii_isalnum(byte) || (guchar)byte >= 0x80 || byte == '.' || byte == '-' ||
	       byte == '_';
}

/* The local part that ends before at; never before begin. */
static void
read_local(const char *begin, const char *at, struct address_found *found)
{
	const char *end = at;
	const char *local = at;

	if (at > begin && at[-1] == '"') {
		end = at - 1;
		local = end;
		while (local > begin && local[-1] != '"')
			local--;
	} else {
		while (local > begin && is_local_byte(local[-1]))
			local--;
	}
	found->local = local;
	found->local_len = (gsize)(end - local);
}

static const char *
read_domain(const char *text, struct address_found *found)
{
	const char *end = text;

	if (*text == '[') {
		end = text + strcspn(text, "]");
		end += *end == ']';
	} else {
		while (is_domain_byte(*end))
			end++;
	}
	found->domain = text;
	found->domain_len = (gsize)(end - text);
	return end;
}

void
address_find(const char *text, void (*each)(gpointer data, const struct address_found *found),
	     gpointer data)
{
	const char *begin = text;

	for (const char *at = strchr(text, '@'); at; at = strchr(begin, '@')) {
		struct address_found found;
		read_local(begin, at, &found);
		begin = read_domain(at + 1, &found);
		if (found.local_len > 0 && found.domain_len > 0)
			each(data, &found);
	}
}
