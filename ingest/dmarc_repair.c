/* SPDX-License-Identifier: MIT */
#include "ingest/dmarc_repair.h"

#include <string.h>

#include "core/text.h"

#define NAME_LEN_MAX 64        /* of an element; a longer one is text */
#define TAG_LEN_MAX  4096      /* from "<" to ">"; a longer one is text */
#define RUN_LEN_MAX  8192      /* text that is looked at in one go */
#define BRACKET_MAX  (1 << 20) /* a comment that does not end for longer is none */
#define LOOK_AHEAD   16        /* the longest reference or character */
#define ROOT         "feedback"

struct repair {
	char *encoding;
	GString *in;
	gsize at; /* in is used up to here */
	gboolean is_last;
	GPtrArray *open; /* char *: names of the elements that are open, the root first */
	guint endless;   /* bit i: a brackets[i] was seen that has no end */
};

enum token {
	TOKEN_DONE,
	TOKEN_MORE,
	TOKEN_CLOSED,
	TOKEN_BROKEN,
};

/* What is between "<" and ">". */
struct tag {
	gboolean is_end;
	gboolean is_empty;
	const char *name; /* without prefix */
	gsize name_len;
	const char *prefix;
	gsize prefix_len;
	const char *rest; /* attributes */
	gsize rest_len;
	gsize len; /* of all */
};

/* An element that must not be closed on a guess. */
static const char *const certain[] = { ROOT, "record", "row", "count" };

struct repair *
repair_new(const char *encoding)
{
	struct repair *r = g_new0(struct repair, 1);

	r->encoding = g_strdup(encoding);
	r->in = g_string_new(NULL);
	r->open = g_ptr_array_new_with_free_func(g_free);
	return r;
}

void
repair_free(struct repair *r)
{
	if (!r)
		return;
	g_free(r->encoding);
	g_string_free(r->in, TRUE);
	g_ptr_array_unref(r->open);
	g_free(r);
}

void
repair_add(struct repair *r, const guint8 *bytes, gsize len, gboolean is_last)
{
	g_string_erase(r->in, 0, (gssize)r->at);
	r->at = 0;
	g_string_append_len(r->in, (const char *)bytes, (gssize)len);
	r->is_last = is_last;
}

gboolean
repair_is_inside(const struct repair *r)
{
	return r->open->len > 0;
}

static const char *
here(const struct repair *r)
{
	return r->in->str + r->at;
}

static gsize
left(const struct repair *r)
{
	return r->in->len - r->at;
}

static const char *
innermost(const struct repair *r)
{
	return g_ptr_array_index(r->open, r->open->len - 1);
}

/* ---- tags ---- */

static gsize
name_length(const char *text, gsize len)
{
	gsize i = 0;

	while (i < len && i < NAME_LEN_MAX &&
	       (g_ascii_isalpha(text[i]) || text[i] == '_' ||
		(i > 0 && (g_ascii_isdigit(text[i]) || text[i] == '-' || text[i] == '.'))))
		i++;
	return i;
}

/* The length up to and with ">"; 0 where this is no tag after all. "<" has no place in one. */
static gsize
tag_length(const char *text, gsize len)
{
	char quote = '\0';

	for (gsize i = 1; i < MIN(len, TAG_LEN_MAX) && text[i] != '<'; i++) {
		if (text[i] == '>' && quote == '\0')
			return i + 1;
		if (text[i] == quote)
			quote = '\0';
		else if (quote == '\0' && (text[i] == '"' || text[i] == '\''))
			quote = text[i];
	}
	return 0;
}

static gboolean
read_tag(const char *text, gsize len, struct tag *tag)
{
	gsize i = 1;

	tag->len = tag_length(text, len);
	if (tag->len == 0)
		return FALSE;
	tag->is_end = text[i] == '/';
	i += tag->is_end ? 1 : 0;
	tag->prefix = text + i;
	tag->prefix_len = 0;
	tag->name = text + i;
	tag->name_len = name_length(tag->name, tag->len - i);
	if (tag->name_len > 0 && tag->name[tag->name_len] == ':') {
		tag->prefix_len = tag->name_len;
		tag->name += tag->name_len + 1;
		tag->name_len = name_length(tag->name, tag->len - (gsize)(tag->name - text));
	}
	tag->rest = tag->name + tag->name_len;
	tag->is_empty = !tag->is_end && text[tag->len - 2] == '/';
	tag->rest_len = tag->len - (gsize)(tag->rest - text) - (tag->is_empty ? 2 : 1);
	/* "<bad@example.org>" begins like a tag but is an address. */
	return tag->name_len > 0 && (tag->rest_len == 0 || g_ascii_isspace(*tag->rest));
}

static gboolean
tag_is(const struct tag *tag, const char *name)
{
	return strlen(name) == tag->name_len && memcmp(name, tag->name, tag->name_len) == 0;
}

/* The namespace of the root is the one attribute that is of use. */
static void
copy_namespace(const struct tag *tag, GString *out)
{
	g_autofree char *rest = g_strndup(tag->rest, tag->rest_len);
	g_autofree char *prefix = g_strndup(tag->prefix, tag->prefix_len);
	g_autofree char *wanted = g_strconcat("xmlns", *prefix ? ":" : "", prefix, "=", NULL);
	const char *at = strstr(rest, wanted);

	if (!at)
		return;
	at += strlen(wanted);
	char quote = *at;
	const char *end = quote == '"' || quote == '\'' ? strchr(at + 1, quote) : NULL;
	if (end && !memchr(at + 1, '&', (gsize)(end - at - 1)) && g_str_is_ascii(rest) &&
	    !memchr(at + 1, '<', (gsize)(end - at - 1)))
		g_string_append_printf(out, " xmlns=%.*s", (int)(end + 1 - at), at);
}

static void
open_element(struct repair *r, const struct tag *tag, GString *out)
{
	gboolean is_root = r->open->len == 0;

	if (is_root && r->encoding)
		g_string_append_printf(out, "<?xml version=\"1.0\" encoding=\"%s\"?>", r->encoding);
	g_string_append_printf(out, "<%.*s", (int)tag->name_len, tag->name);
	if (is_root)
		copy_namespace(tag, out);
	g_string_append(out, tag->is_empty ? "/>" : ">");
	if (!tag->is_empty)
		g_ptr_array_add(r->open, g_strndup(tag->name, tag->name_len));
}

static gboolean
may_be_closed_on_a_guess(const char *name)
{
	for (gsize i = 0; i < G_N_ELEMENTS(certain); i++)
		if (g_str_equal(name, certain[i]))
			return FALSE;
	return TRUE;
}

/* Close the innermost element of that name and all inside it; an end tag without one is dropped. */
static enum token
close_element(struct repair *r, const struct tag *tag, GString *out)
{
	guint i = r->open->len;

	while (i > 0 && !tag_is(tag, g_ptr_array_index(r->open, i - 1)))
		i--;
	if (i == 0)
		return TOKEN_DONE;
	while (r->open->len > i) {
		if (!may_be_closed_on_a_guess(innermost(r)))
			return TOKEN_BROKEN;
		g_string_append_printf(out, "</%s>", innermost(r));
		g_ptr_array_set_size(r->open, (gint)r->open->len - 1);
	}
	g_string_append_printf(out, "</%s>", innermost(r));
	g_ptr_array_set_size(r->open, (gint)r->open->len - 1);
	return r->open->len == 0 ? TOKEN_CLOSED : TOKEN_DONE;
}

/* ---- text ---- */

/* Is there a character of XML 1.0 (section 2.2) with this number? */
static gboolean
is_xml_character(gunichar c)
{
	return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c < 0xd800) ||
	       (c >= 0xe000 && c < 0xfffe) || (c >= 0x10000 && c < 0x110000);
}

/* "&#39;" or "&#x27;" for a character that XML has. */
static gsize
number_length(const char *text, gsize len)
{
	gboolean is_hex = len > 2 && text[2] == 'x';
	gsize first = is_hex ? 3 : 2;
	gsize i = first;
	gunichar c = 0;

	while (i < MIN(len, LOOK_AHEAD - 4) &&
	       (is_hex ? g_ascii_isxdigit(text[i]) : g_ascii_isdigit(text[i]))) {
		c = c * (is_hex ? 16U : 10U) + (gunichar)g_ascii_xdigit_value(text[i++]);
		c = MIN(c, 0x110000U);
	}
	return i > first && i < len && text[i] == ';' && is_xml_character(c) ? i + 1 : 0;
}

/* The length of a reference that stands for a character; 0 where "&" is only itself. */
static gsize
reference_length(const char *text, gsize len)
{
	static const char *const names[] = { "&amp;", "&lt;", "&gt;", "&quot;", "&apos;" };

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
		if (len >= strlen(names[i]) && memcmp(text, names[i], strlen(names[i])) == 0)
			return strlen(names[i]);
	return len > 2 && text[1] == '#' ? number_length(text, len) : 0;
}

/* A byte that begins no ASCII character. */
static gsize
copy_wide(const struct repair *r, const char *text, gsize len, GString *out)
{
	if (r->encoding) {
		g_string_append_c(out, *text);
		return 1;
	}
	gunichar c = g_utf8_get_char_validated(text, (gssize)len);
	gboolean is_utf8 = c != (gunichar)-1 && c != (gunichar)-2;
	if (!is_utf8)
		c = text_read_cp1252((guint8)*text);
	if (is_xml_character(c))
		g_string_append_unichar(out, c);
	return is_utf8 ? (gsize)g_unichar_to_utf8(c, NULL) : 1;
}

/* One character or reference at text; returns how many bytes it was. */
static gsize
copy_character(const struct repair *r, const char *text, gsize len, GString *out)
{
	guchar byte = (guchar)*text;
	gsize n = byte == '&' ? reference_length(text, len) : 0;

	if (byte >= 0x80)
		return copy_wide(r, text, len, out);
	if (n > 0)
		g_string_append_len(out, text, (gssize)n);
	else if (byte == '&')
		g_string_append(out, "&amp;");
	else if (byte == '<' || byte == '>')
		g_string_append(out, byte == '<' ? "&lt;" : "&gt;");
	else if (is_xml_character(byte))
		g_string_append_c(out, (gchar)byte);
	return MAX(n, 1);
}

static void
copy_text(const struct repair *r, const char *text, gsize len, GString *out)
{
	for (gsize i = 0; i < len;)
		i += copy_character(r, text + i, len - i, out);
}

/* "id/report_id>" inside <report_id>: the "<" of its end tag was lost. */
static gboolean
is_end_tag_without_bracket(const struct repair *r, const char *text, gsize len)
{
	const char *name = innermost(r);
	gsize name_len = strlen(name);

	return len > name_len + 1 && text[len - 1 - name_len] == '/' &&
	       memcmp(text + len - name_len, name, name_len) == 0;
}

static enum token
take_text(struct repair *r, GString *out)
{
	const char *text = here(r);
	gsize len = 0;

	while (len < left(r) && len < RUN_LEN_MAX && text[len] != '<' && text[len] != '>')
		len++;
	if (len == left(r) && !r->is_last)
		return TOKEN_MORE;
	if (len == RUN_LEN_MAX)
		len -= LOOK_AHEAD;
	if (len < left(r) && text[len] == '>') {
		if (is_end_tag_without_bracket(r, text, len)) {
			struct tag tag = { .name = innermost(r), .name_len = strlen(innermost(r)) };
			copy_text(r, text, len - tag.name_len - 1, out);
			r->at += len + 1;
			return close_element(r, &tag, out);
		}
		len++;
	}
	/* A character or reference may reach beyond the run. */
	gsize i = 0;
	while (i < len)
		i += copy_character(r, text + i, left(r) - i, out);
	r->at += i;
	return TOKEN_DONE;
}

/* ---- markup ---- */

struct bracket {
	const char *begin;
	const char *end;
	gboolean is_text; /* what is between them is */
};

static const struct bracket brackets[] = {
	{ "<!--", "-->", FALSE },
	{ "<![CDATA[", "]]>", TRUE },
	{ "<?", "?>", FALSE },
};

static const struct bracket *
find_bracket(const struct repair *r)
{
	for (guint i = 0; i < G_N_ELEMENTS(brackets); i++)
		if (g_str_has_prefix(here(r), brackets[i].begin) && !(r->endless & (1U << i)))
			return &brackets[i];
	return NULL;
}

static enum token
take_bracket(struct repair *r, const struct bracket *bracket, GString *out)
{
	const char *text = here(r) + strlen(bracket->begin);
	gsize len = left(r) - strlen(bracket->begin);
	const char *end = memmem(text, len, bracket->end, strlen(bracket->end));

	if (!end) {
		if (!r->is_last && len < BRACKET_MAX)
			return TOKEN_MORE;
		/* Not searched for again: that would take a look at all the rest each time. */
		r->endless |= 1U << (bracket - brackets);
		return TOKEN_DONE;
	}
	if (bracket->is_text && r->open->len > 0) {
		g_autofree char *escaped = g_markup_escape_text(text, end - text);
		copy_text(r, escaped, strlen(escaped), out);
	}
	r->at = (gsize)(end - r->in->str) + strlen(bracket->end);
	return TOKEN_DONE;
}

/* A "<" that is no markup. */
static enum token
take_less_than(struct repair *r, GString *out)
{
	if (r->open->len > 0)
		g_string_append(out, "&lt;");
	r->at++;
	return TOKEN_DONE;
}

static enum token
take_tag(struct repair *r, GString *out)
{
	struct tag tag;

	if (left(r) < TAG_LEN_MAX && !r->is_last && !memchr(here(r), '>', left(r)))
		return TOKEN_MORE;
	if (!read_tag(here(r), left(r), &tag))
		return take_less_than(r, out);
	r->at += tag.len;
	if (r->open->len == 0) {
		/* Outside only the root is of interest; an empty one has nothing to say. */
		if (!tag.is_end && !tag.is_empty && tag_is(&tag, ROOT))
			open_element(r, &tag, out);
		return TOKEN_DONE;
	}
	if (tag.is_end)
		return close_element(r, &tag, out);
	open_element(r, &tag, out);
	return TOKEN_DONE;
}

static enum token
take_token(struct repair *r, GString *out)
{
	if (left(r) == 0 || (left(r) < LOOK_AHEAD && !r->is_last))
		return TOKEN_MORE;
	if (*here(r) != '<') {
		if (r->open->len > 0)
			return take_text(r, out);
		const char *next = memchr(here(r), '<', left(r));
		r->at = next ? (gsize)(next - r->in->str) : r->in->len;
		return TOKEN_DONE;
	}
	const struct bracket *bracket = find_bracket(r);
	return bracket ? take_bracket(r, bracket, out) : take_tag(r, out);
}

enum repair_step
repair_take(struct repair *r, GString *out)
{
	for (;;) {
		switch (take_token(r, out)) {
		case TOKEN_DONE:
			break;
		case TOKEN_MORE:
			return REPAIR_MORE;
		case TOKEN_CLOSED:
			return REPAIR_CLOSED;
		case TOKEN_BROKEN:
			return REPAIR_BROKEN;
		}
	}
}
