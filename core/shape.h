/* SPDX-License-Identifier: MIT */
/*
 * shape.h - what a noun consists of, as a table of its members.
 *
 * The wire, the content key, JSON and CSV all walk the same table, so a new member of a kind of
 * report is one member and one row. Structs that have a shape are plain data: texts live in the
 * document's string chunk, lists are GLib arrays that shape_init() makes and shape_clear() frees.
 */
#ifndef CORE_SHAPE_H
#define CORE_SHAPE_H

#include <glib.h>

/* A number that may be absent: absent is not zero. */
struct number {
	gint64 value;
	gboolean is_known;
};

enum member_kind {
	MEMBER_TEXT,   /* const char *, "" = absent */
	MEMBER_TEXTS,  /* GPtrArray * of const char * */
	MEMBER_NUMBER, /* struct number */
	MEMBER_FLAG,   /* gboolean */
	MEMBER_IP,     /* struct ip */
	MEMBER_ITEMS,  /* GArray * of structs with the shape items */
	N_MEMBER_KINDS,
};

struct shape;

struct member {
	const char *name; /* as in JSON */
	enum member_kind kind;
	gsize offset;
	const struct shape *items; /* MEMBER_ITEMS alone */
};

struct shape {
	gsize size;
	const struct member *members;
	gsize n_members;
};

/* All texts "", all numbers absent, lists empty. */
void shape_init(const struct shape *shape, gpointer noun);
void shape_clear(const struct shape *shape, gpointer noun);

/* An empty item at the end of a MEMBER_ITEMS list; the address lives until the next one. */
gpointer shape_add_item(const struct shape *shape, GArray *items);

#define MEMBER(struct_name, kind, member)                                 \
	{                                                                 \
#member, kind, G_STRUCT_OFFSET(struct_name, member), NULL \
	}
#define MEMBER_LIST(struct_name, member, shape)                                       \
	{                                                                             \
#member, MEMBER_ITEMS, G_STRUCT_OFFSET(struct_name, member), &(shape) \
	}
#define SHAPE(struct_name, members)                                 \
	{                                                           \
		sizeof(struct_name), members, G_N_ELEMENTS(members) \
	}

#endif
