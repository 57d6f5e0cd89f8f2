/* SPDX-License-Identifier: MIT */
#include "core/shape.h"

#include "core/ip.h"

static void
init_member(const struct member *member, gpointer at)
{
	switch (member->kind) {
	case MEMBER_TEXT:
		*(const char **)at = "";
		break;
	case MEMBER_TEXTS:
		*(GPtrArray **)at = g_ptr_array_new();
		break;
	case MEMBER_NUMBER:
		*(struct number *)at = (struct number){ 0, FALSE };
		break;
	case MEMBER_FLAG:
		*(gboolean *)at = FALSE;
		break;
	case MEMBER_IP:
		*(struct ip *)at = (struct ip){ { 0 } };
		break;
	case MEMBER_ITEMS:
		*(GArray **)at = g_array_new(FALSE, FALSE, (guint)member->items->size);
		break;
	case N_MEMBER_KINDS:
	default:
		g_assert_not_reached();
	}
}

void
shape_init(const struct shape *shape, gpointer noun)
{
	for (gsize i = 0; i < shape->n_members; i++)
		init_member(&shape->members[i], G_STRUCT_MEMBER_P(noun, shape->members[i].offset));
}

static void
clear_items(const struct shape *shape, GArray *items)
{
	for (guint i = 0; i < items->len; i++)
		shape_clear(shape, items->data + i * shape->size);
	g_array_unref(items);
}

void
shape_clear(const struct shape *shape, gpointer noun)
{
	for (gsize i = 0; i < shape->n_members; i++) {
		const struct member *member = &shape->members[i];
		gpointer at = G_STRUCT_MEMBER_P(noun, member->offset);
		if (member->kind == MEMBER_TEXTS)
			g_ptr_array_unref(*(GPtrArray **)at);
		else if (member->kind == MEMBER_ITEMS)
			clear_items(member->items, *(GArray **)at);
	}
}

gpointer
shape_add_item(const struct shape *shape, GArray *items)
{
	guint n = items->len;

	g_array_set_size(items, n + 1);
	gpointer item = items->data + n * shape->size;
	shape_init(shape, item);
	return item;
}
