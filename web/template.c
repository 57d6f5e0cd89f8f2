/* SPDX-License-Identifier: MIT */
#include "web/template.h"

#include "core/error.h"
#include "web/template_private.h"

/* One run of the compiler over one source. */
struct scan {
	const char *name;
	const char *source;
	const char *at;   /* not read yet */
	const char *text; /* where text that belongs to no node yet begins */
	const char *end;
	char *open;
	char *close;
	guint n_open;                           /* sections that are open ... */
	guint open_nodes[TEMPLATE_MAX_NESTING]; /* ... and their nodes */
	struct template *template;
};

struct tag {
	char sigil;        /* 0 for {{name}} */
	const char *begin; /* of the opening delimiter */
	const char *after; /* behind the closing one */
	char *content;     /* trimmed, in the template's strings */
};

static gboolean
fail(const struct scan *scan, const char *at, GError **error, const char *problem)
{
	guint line = 1;

	for (const char *p = scan->source; p < at; p++)
		line += *p == '\n';
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID, "template \"%s\": line %u: %s",
		    scan->name, line, problem);
	return FALSE;
}

static gboolean
starts_line(const struct scan *scan, const char *at)
{
	return at == scan->source || at[-1] == '\n';
}

static struct node *
add_node(struct scan *scan, enum node_kind kind, gboolean is_first)
{
	struct node node = { .kind = kind, .starts_line = is_first };

	g_array_append_val(scan->template->nodes, node);
	return &g_array_index(scan->template->nodes, struct node, scan->template->nodes->len - 1);
}

static void
flush_text(struct scan *scan, const char *until)
{
	if (until > scan->text) {
		struct node *node = add_node(scan, NODE_TEXT, starts_line(scan, scan->text));
		node->text = scan->text;
		node->len = (gsize)(until - scan->text);
	}
	scan->text = until;
}

static const char *
find(const char *from, const char *end, const char *needle)
{
	return memmem(from, (gsize)(end - from), needle, strlen(needle));
}

/* The white space before a tag up to the line's beginning, or NULL where there is other text. */
static const char *
line_before(const struct scan *scan, const char *begin)
{
	while (begin > scan->source && (begin[-1] == ' ' || begin[-1] == '\t'))
		begin--;
	return starts_line(scan, begin) ? begin : NULL;
}

/* The beginning of the next line where only white space is left of this one, or else NULL. */
static const char *
line_after(const struct scan *scan, const char *after)
{
	while (after < scan->end && (*after == ' ' || *after == '\t'))
		after++;
	if (after < scan->end && *after == '\r' && after + 1 < scan->end && after[1] == '\n')
		after++;
	if (after == scan->end)
		return after;
	return *after == '\n' ? after + 1 : NULL;
}

/* Is tag alone on its line? Then its line goes too, and ret_indent is what stood before it. */
static gboolean
take_line(struct scan *scan, const struct tag *tag, const char **ret_indent)
{
	const char *before = line_before(scan, tag->begin);
	const char *after = line_after(scan, tag->after);

	if (!before || !after || before < scan->text)
		return FALSE;
	*ret_indent =
		g_string_chunk_insert_len(scan->template->strings, before, tag->begin - before);
	flush_text(scan, before);
	scan->text = scan->at = after;
	return TRUE;
}

static gboolean
set_path(struct scan *scan, const struct tag *tag, struct node *node, GError **error)
{
	if (g_str_equal(tag->content, "."))
		return TRUE;
	if (tag->content[0] == '\0' || strpbrk(tag->content, " \t\r\n"))
		return fail(scan, tag->begin, error, "a name must be one word");
	node->path = g_strsplit(tag->content, ".", -1);
	for (char **part = node->path; *part; part++) {
		if (**part == '\0')
			return fail(scan, tag->begin, error, "a dotted name has an empty part");
	}
	return TRUE;
}

static gboolean
open_section(struct scan *scan, const struct tag *tag, gboolean is_first, GError **error)
{
	if (scan->n_open == TEMPLATE_MAX_NESTING)
		return fail(scan, tag->begin, error, "sections nested over TEMPLATE_MAX_NESTING");
	scan->open_nodes[scan->n_open++] = scan->template->nodes->len;

	struct node *node =
		add_node(scan, tag->sigil == '^' ? NODE_INVERTED : NODE_SECTION, is_first);
	node->text = tag->content;
	return set_path(scan, tag, node, error);
}

static gboolean
close_section(struct scan *scan, const struct tag *tag, GError **error)
{
	if (scan->n_open == 0)
		return fail(scan, tag->begin, error, "a section is closed that is not open");

	struct node *node = &g_array_index(scan->template->nodes, struct node,
					   scan->open_nodes[--scan->n_open]);
	if (!g_str_equal(node->text, tag->content))
		return fail(scan, tag->begin, error, "another section is open than is closed");
	node->end = scan->template->nodes->len;
	return TRUE;
}

static gboolean
set_delimiters(struct scan *scan, const struct tag *tag, GError **error)
{
	g_auto(GStrv) words = g_strsplit_set(tag->content, " \t\r\n", -1);
	guint n = g_strv_length(words);

	if (n < 2 || !*words[0] || !*words[n - 1] || strchr(tag->content, '='))
		return fail(scan, tag->begin, error, "delimiters are two words without \"=\"");
	g_free(scan->open);
	g_free(scan->close);
	scan->open = g_strdup(words[0]);
	scan->close = g_strdup(words[n - 1]);
	return TRUE;
}

static gboolean
add_partial(struct scan *scan, const struct tag *tag, const char *indent, GError **error)
{
	if (tag->content[0] == '\0')
		return fail(scan, tag->begin, error, "a partial needs a name");

	gboolean is_alone = indent != NULL;
	struct node *node =
		add_node(scan, NODE_PARTIAL, !is_alone && starts_line(scan, tag->begin));
	node->text = tag->content;
	node->indent = indent;
	return TRUE;
}

static gboolean
add_variable(struct scan *scan, const struct tag *tag, GError **error)
{
	struct node *node = add_node(scan, tag->sigil == 0 ? NODE_ESCAPED : NODE_RAW,
				     starts_line(scan, tag->begin));

	return set_path(scan, tag, node, error);
}

/* Find the end of the tag that begins at begin, and what it says. */
static gboolean
read_tag(struct scan *scan, const char *begin, struct tag *ret_tag, GError **error)
{
	const char *content = begin + strlen(scan->open);
	g_autofree char *closing = NULL;

	ret_tag->begin = begin;
	ret_tag->sigil = 0;
	if (content < scan->end && *content != '\0' && strchr("#^/>!&={", *content))
		ret_tag->sigil = *content++;
	if (ret_tag->sigil == '{' || ret_tag->sigil == '=')
		closing = g_strconcat(ret_tag->sigil == '{' ? "}" : "=", scan->close, NULL);
	else
		closing = g_strdup(scan->close);

	const char *close = find(content, scan->end, closing);
	if (!close)
		return fail(scan, begin, error, "a tag is not closed");
	ret_tag->after = close + strlen(closing);
	ret_tag->content = g_strstrip(
		g_string_chunk_insert_len(scan->template->strings, content, close - content));
	return TRUE;
}

static gboolean
add_tag(struct scan *scan, const struct tag *tag, GError **error)
{
	const char *indent = NULL;
	gboolean can_stand_alone = tag->sigil && strchr("#^/>!=", tag->sigil);

	if (!can_stand_alone || !take_line(scan, tag, &indent)) {
		flush_text(scan, tag->begin);
		scan->text = scan->at = tag->after;
	}
	switch (tag->sigil) {
	case '!':
		return TRUE;
	case '#':
	case '^':
		return open_section(scan, tag, !indent && starts_line(scan, tag->begin), error);
	case '/':
		return close_section(scan, tag, error);
	case '>':
		return add_partial(scan, tag, indent, error);
	case '=':
		return set_delimiters(scan, tag, error);
	default:
		return add_variable(scan, tag, error);
	}
}

static gboolean
compile(struct scan *scan, GError **error)
{
	for (;;) {
		const char *begin = find(scan->at, scan->end, scan->open);
		struct tag tag = { .sigil = 0 };

		if (!begin)
			break;
		if (!read_tag(scan, begin, &tag, error) || !add_tag(scan, &tag, error))
			return FALSE;
	}
	flush_text(scan, scan->end);
	if (scan->n_open > 0)
		return fail(scan, scan->end, error, "a section is not closed");
	return TRUE;
}

static void
clear_node(gpointer data)
{
	g_strfreev(((struct node *)data)->path);
}

static void
template_free(gpointer data)
{
	struct template *template = data;

	g_string_chunk_free(template->strings);
	g_array_free(template->nodes, TRUE);
	g_free(template);
}

struct template_set *
template_set_new(void)
{
	struct template_set *set = g_new0(struct template_set, 1);

	set->templates = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, template_free);
	return set;
}

void
template_set_free(struct template_set *set)
{
	if (!set)
		return;
	g_hash_table_unref(set->templates);
	g_free(set);
}

gboolean
template_set_add(struct template_set *set, const char *name, const char *text, gsize len,
		 GError **error)
{
	struct template *template = g_new0(struct template, 1);
	template->strings = g_string_chunk_new(4096);
	template->nodes = g_array_new(FALSE, FALSE, sizeof(struct node));
	g_array_set_clear_func(template->nodes, clear_node);

	const char *source = g_string_chunk_insert_len(template->strings, text, (gssize)len);
	struct scan scan = {
		.name = name,
		.source = source,
		.at = source,
		.text = source,
		.end = source + len,
		.open = g_strdup("{{"),
		.close = g_strdup("}}"),
		.template = template,
	};
	gboolean is_ok = compile(&scan, error);
	g_free(scan.open);
	g_free(scan.close);

	if (is_ok)
		g_hash_table_replace(set->templates, g_strdup(name), template);
	else
		template_free(template);
	return is_ok;
}

gboolean
template_set_has(const struct template_set *set, const char *name)
{
	return g_hash_table_contains(set->templates, name);
}

gboolean
template_set_check(const struct template_set *set, GError **error)
{
	GHashTableIter iter;
	gpointer name;
	gpointer value;

	g_hash_table_iter_init(&iter, set->templates);
	while (g_hash_table_iter_next(&iter, &name, &value)) {
		const struct template *template = value;

		for (guint i = 0; i < template->nodes->len; i++) {
			const struct node *node = &g_array_index(template->nodes, struct node, i);

			if (node->kind != NODE_PARTIAL || g_str_equal(node->text, "content") ||
			    template_set_has(set, node->text))
				continue;
			g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
				    "template \"%s\": there is no template \"%s\"",
				    (const char *)name, node->text);
			return FALSE;
		}
	}
	return TRUE;
}
