/* SPDX-License-Identifier: MIT */
#include "web/template.h"

#include "core/error.h"
#include "web/template_private.h"

struct render {
	const struct template_set *set;
	const struct template_options *options;
	json_t *contexts[TEMPLATE_MAX_DEPTH]; /* from the root inwards */
	guint n_contexts;
	guint n_partials; /* calls that are open */
	guint64 steps;
	const char *indent; /* of the partials that are open, joined */
	GString *out;
	GError **error;
};

static gboolean render_nodes(struct render *render, const struct template *template, guint from,
			     guint until);

static gboolean
fail_limit(struct render *render, const char *limit)
{
	g_set_error(render->error, DMARCD_ERROR, DMARCD_ERROR_LIMIT, "rendering goes over %s",
		    limit);
	return FALSE;
}

/* The value that a path names here, or NULL. */
static json_t *
look_up(const struct render *render, char *const *path)
{
	json_t *value = NULL;

	if (!path)
		return render->contexts[render->n_contexts - 1];
	for (guint i = render->n_contexts; i > 0 && !value; i--)
		value = json_object_get(render->contexts[i - 1], path[0]);
	for (char *const *part = path + 1; value && *part; part++)
		value = json_object_get(value, *part);
	return value;
}

static gboolean
is_shown(const json_t *value)
{
	if (!value || json_is_null(value) || json_is_false(value))
		return FALSE;
	if (json_is_array(value))
		return json_array_size(value) > 0;
	if (json_is_string(value))
		return json_string_length(value) > 0;
	return TRUE;
}

/* "28,914": digits in threes, so that a long count can be read. */
static void
append_grouped(GString *out, json_int_t number)
{
	char digits[32];
	int len = g_snprintf(digits, sizeof(digits), "%" JSON_INTEGER_FORMAT, number);

	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0 && g_ascii_isdigit(digits[i - 1]))
			g_string_append_c(out, ',');
		g_string_append_c(out, digits[i]);
	}
}

static void
append_value(struct render *render, const json_t *value, gboolean is_raw)
{
	char number[G_ASCII_DTOSTR_BUF_SIZE];

	switch (json_typeof(value)) {
	case JSON_STRING:
		if (is_raw)
			g_string_append_len(render->out, json_string_value(value),
					    (gssize)json_string_length(value));
		else
			template_escape(json_string_value(value), json_string_length(value),
					render->out);
		break;
	case JSON_INTEGER:
		if (render->options->group_digits && !is_raw)
			append_grouped(render->out, json_integer_value(value));
		else
			g_string_append_printf(render->out, "%" JSON_INTEGER_FORMAT,
					       json_integer_value(value));
		break;
	case JSON_REAL:
		g_string_append(render->out, g_ascii_formatd(number, sizeof(number), "%.15g",
							     json_real_value(value)));
		break;
	case JSON_TRUE:
		g_string_append(render->out, "true");
		break;
	case JSON_FALSE:
		g_string_append(render->out, "false");
		break;
	case JSON_NULL:
	case JSON_OBJECT:
	case JSON_ARRAY:
	default:
		break;
	}
}

/* Text of a template inside an indented partial: each of its lines gets the indent. */
static void
append_text(struct render *render, const struct node *node)
{
	const char *at = node->text;
	const char *end = node->text + node->len;

	if (render->indent[0] == '\0') {
		g_string_append_len(render->out, at, (gssize)node->len);
		return;
	}
	while (at < end) {
		const char *newline = memchr(at, '\n', (gsize)(end - at));
		const char *next = newline ? newline + 1 : end;

		g_string_append_len(render->out, at, next - at);
		if (newline && next < end)
			g_string_append(render->out, render->indent);
		at = next;
	}
}

static gboolean
render_body(struct render *render, const struct template *template, guint section, json_t *context)
{
	if (render->n_contexts == TEMPLATE_MAX_DEPTH)
		return fail_limit(render, "TEMPLATE_MAX_DEPTH");

	guint end = g_array_index(template->nodes, struct node, section).end;
	render->contexts[render->n_contexts++] = context;
	gboolean is_ok = render_nodes(render, template, section + 1, end);
	render->n_contexts--;
	return is_ok;
}

static gboolean
render_section(struct render *render, const struct template *template, guint section, json_t *value)
{
	size_t i;
	json_t *element;

	if (!is_shown(value))
		return TRUE;
	if (!json_is_array(value))
		return render_body(render, template, section, value);
	json_array_foreach(value, i, element)
	{
		if (!render_body(render, template, section, element))
			return FALSE;
	}
	return TRUE;
}

static gboolean
render_partial(struct render *render, const struct node *node)
{
	const char *name = node->text;

	if (render->options->content && g_str_equal(name, "content"))
		name = render->options->content;

	const struct template *template = g_hash_table_lookup(render->set->templates, name);
	if (!template)
		return TRUE;
	if (render->n_partials == TEMPLATE_MAX_DEPTH)
		return fail_limit(render, "TEMPLATE_MAX_DEPTH");

	/* A partial within a line stands in that line; only one on its own has lines to indent. */
	const char *outer = render->indent;
	g_autofree char *joined = NULL;
	if (!node->indent) {
		render->indent = "";
	} else if (node->indent[0] != '\0') {
		joined = g_strconcat(outer, node->indent, NULL);
		render->indent = joined;
	}

	render->n_partials++;
	gboolean is_ok = render_nodes(render, template, 0, template->nodes->len);
	render->n_partials--;
	render->indent = outer;
	return is_ok;
}

/* One node; *index moves past it, and past its body where it is a section. */
static gboolean
render_node(struct render *render, const struct template *template, guint *index)
{
	guint i = *index;
	const struct node *node = &g_array_index(template->nodes, struct node, i);
	json_t *value = NULL;

	*index = i + 1;
	if (node->starts_line)
		g_string_append(render->out, render->indent);
	switch (node->kind) {
	case NODE_TEXT:
		append_text(render, node);
		return TRUE;
	case NODE_PARTIAL:
		return render_partial(render, node);
	case NODE_ESCAPED:
	case NODE_RAW:
		value = look_up(render, node->path);
		if (value)
			append_value(render, value, node->kind == NODE_RAW);
		return TRUE;
	case NODE_SECTION:
		*index = node->end;
		return render_section(render, template, i, look_up(render, node->path));
	case NODE_INVERTED:
		*index = node->end;
		return is_shown(look_up(render, node->path)) ||
		       render_nodes(render, template, i + 1, node->end);
	default:
		return TRUE;
	}
}

static gboolean
render_nodes(struct render *render, const struct template *template, guint from, guint until)
{
	for (guint i = from; i < until;) {
		if (++render->steps > TEMPLATE_MAX_STEPS)
			return fail_limit(render, "TEMPLATE_MAX_STEPS");
		if (!render_node(render, template, &i))
			return FALSE;
		if (render->out->len > TEMPLATE_MAX_BYTES)
			return fail_limit(render, "TEMPLATE_MAX_BYTES");
	}
	return TRUE;
}

gboolean
template_render(const struct template_set *set, const struct template_options *options,
		json_t *root, GString *out, GError **error)
{
	const struct template *template = g_hash_table_lookup(set->templates, options->name);

	if (!template) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
			    "there is no template \"%s\"", options->name);
		return FALSE;
	}

	struct render render = {
		.set = set,
		.options = options,
		.contexts = { root },
		.n_contexts = 1,
		.indent = "",
		.out = out,
		.error = error,
	};
	return render_nodes(&render, template, 0, template->nodes->len);
}

void
template_escape(const char *text, gsize len, GString *out)
{
	static const char *const references[256] = {
		['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;", ['\''] = "&#39;",
	};
	const char *end = text + len;
	const char *plain = text;

	for (const char *at = text; at < end; at++) {
		const char *reference = references[(guchar)*at];

		if (!reference)
			continue;
		g_string_append_len(out, plain, at - plain);
		g_string_append(out, reference);
		plain = at + 1;
	}
	g_string_append_len(out, plain, end - plain);
}
