/* SPDX-License-Identifier: MIT */
#include "app/shape_json.h"

#include "core/ip.h"

static json_t *
text_to_json(const char *text)
{
	return *text ? json_string(text) : NULL;
}

static json_t *
texts_to_json(const GPtrArray *texts)
{
	json_t *array = json_array();

	for (guint i = 0; i < texts->len; i++)
		json_array_append_new(array, json_string(g_ptr_array_index(texts, i)));
	return array;
}

static json_t *
number_to_json(const struct number *number)
{
	return number->is_known ? json_integer(number->value) : NULL;
}

static json_t *
ip_to_json(const struct ip *ip)
{
	char text[IP_TEXT_LEN];

	return ip_is_none(ip) ? NULL : json_string(ip_format(ip, text));
}

static json_t *
items_to_json(const struct shape *shape, const GArray *items)
{
	json_t *array = json_array();

	for (guint i = 0; i < items->len; i++) {
		json_t *item = json_object();
		shape_to_json(item, shape, items->data + i * shape->size);
		json_array_append_new(array, item);
	}
	return array;
}

static json_t *
member_to_json(const struct member *member, gconstpointer at)
{
	switch (member->kind) {
	case MEMBER_TEXT:
		return text_to_json(*(const char *const *)at);
	case MEMBER_TEXTS:
		return texts_to_json(*(GPtrArray *const *)at);
	case MEMBER_NUMBER:
		return number_to_json(at);
	case MEMBER_FLAG:
		return json_boolean(*(const gboolean *)at);
	case MEMBER_IP:
		return ip_to_json(at);
	case MEMBER_ITEMS:
		return items_to_json(member->items, *(GArray *const *)at);
	case N_MEMBER_KINDS:
	default:
		g_assert_not_reached();
	}
}

void
shape_to_json(json_t *object, const struct shape *shape, gconstpointer noun)
{
	for (gsize i = 0; i < shape->n_members; i++) {
		const struct member *member = &shape->members[i];
		json_t *value = member_to_json(member, (const char *)noun + member->offset);
		if (value)
			json_object_set_new(object, member->name, value);
	}
}
