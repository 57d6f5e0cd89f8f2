/* SPDX-License-Identifier: MIT */
/*
 * template_private.h - a compiled template: a flat list of nodes, shared by compiler and renderer.
 */
#ifndef WEB_TEMPLATE_PRIVATE_H
#define WEB_TEMPLATE_PRIVATE_H

#include <glib.h>

enum node_kind {
	NODE_TEXT,
	NODE_ESCAPED,
	NODE_RAW,
	NODE_SECTION,
	NODE_INVERTED,
	NODE_PARTIAL,
};

struct node {
	enum node_kind kind;
	gboolean starts_line; /* first on its line: an indented partial puts its indent here */
	guint end;            /* of a section: index after its last node */
	const char *text;     /* TEXT: into the template's source; PARTIAL: its name */
	gsize len;
	char **path; /* names of a dotted path; NULL for "." */
	const char *
		indent; /* PARTIAL: white space before it; NULL where it is not alone on its line */
};

struct template
{
	GStringChunk *strings;
	GArray *nodes; /* struct node; a section's body follows it, up to its end */
};

struct template_set {
	GHashTable *templates; /* name → struct template */
};

#endif
