/* SPDX-License-Identifier: MIT */
/*
 * template.h - mustache templates over a JSON tree: compiled once, rendered by any thread.
 *
 * The dialect is the mustache specification without lambdas and inheritance:
 *
 *   {{name}}            the value, HTML-escaped; nothing where it is missing or null
 *   {{&name}} {{{name}}}  the value as it is: only for what our own code made (SVG, a query string)
 *   {{a.b.c}}           a path: a is looked up outward through the sections, b and c inside it
 *   {{.}}               the current value, in a section over a list of texts or numbers
 *   {{#name}}..{{/name}}  a list: once for each element, which becomes the current object; another
 *                       value that is there: once; missing, null, false, [] and "": not at all.
 *                       0 is a known number and shows the section.
 *   {{^name}}..{{/name}}  the opposite: once where the section above would show nothing
 *   {{>name}}           another template, rendered where it stands
 *   {{!text}}           a comment;  {{=<% %>=}} sets other delimiters
 *
 * A section, comment or partial tag that is alone on its line takes the line with it.
 *
 * With group_digits integers are printed for people, 28,914, by {{n}} and bare by {{&n}}. Real
 * numbers are printed as they are; round them in the page.
 *
 * Rendering is bounded by what the options say (nesting, bytes, steps); over a limit it fails with
 * DMARCD_ERROR_LIMIT and the limit's name. A set is immutable once it is filled.
 */
#ifndef WEB_TEMPLATE_H
#define WEB_TEMPLATE_H

#include <glib.h>
#include <jansson.h>

struct template_set;

struct template_options {
	const char *name;    /* the template to render */
	const char *content; /* the template that {{>content}} stands for, or NULL */
	gboolean group_digits;
};

#define TEMPLATE_MAX_DEPTH   64
#define TEMPLATE_MAX_BYTES   (8 * 1024 * 1024)
#define TEMPLATE_MAX_STEPS   4000000
#define TEMPLATE_MAX_NESTING 64 /* of sections in one template */

struct template_set *template_set_new(void);
void template_set_free(struct template_set *set);
typedef struct template_set template_set_auto;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(template_set_auto, template_set_free)

/* Compile text (copied) under name, replacing an older one. INVALID names template and line. */
gboolean template_set_add(struct template_set *set, const char *name, const char *text, gsize len,
			  GError **error);

gboolean template_set_has(const struct template_set *set, const char *name);

/* INVALID where a template calls a partial that is not in the set ("content" is not checked). */
gboolean template_set_check(const struct template_set *set, GError **error);

/*
 * Append the template, filled from root (which is only read), to out. A partial that is not in the
 * set renders as nothing. After a failure out holds a part of the text.
 */
gboolean template_render(const struct template_set *set, const struct template_options *options,
			 json_t *root, GString *out, GError **error);

/* Append text with & < > " ' as character references: fit for HTML text and quoted attributes. */
void template_escape(const char *text, gsize len, GString *out);

#endif
