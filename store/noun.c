/* SPDX-License-Identifier: MIT */
#include "store/noun.h"

#include "core/ip.h"

/* The warnings of a document share the mapper; they belong to no shape. */
static const struct member warning_text = { .name = "warning", .kind = MEMBER_TEXT };

static void
pack_text(GByteArray *out, const char *text)
{
	gsize len = strlen(text);

	pack_uint(out, len);
	g_byte_array_append(out, (const guint8 *)text, (guint)len);
}

static void
pack_mapped(GByteArray *out, const struct noun_mapper *mapper, const struct member *member,
	    const char *text)
{
	pack_text(out, mapper->map(mapper->data, member, text));
}

/* A known number is itself, zigzag, plus one; 0 is an absent one. */
static void
pack_number(GByteArray *out, const struct number *number)
{
	guint64 zigzag = ((guint64)number->value << 1) ^ (number->value < 0 ? G_MAXUINT64 : 0);

	pack_uint(out, number->is_known != FALSE);
	if (number->is_known)
		pack_uint(out, zigzag);
}

static void pack_shape(GByteArray *out, const struct shape *shape, gconstpointer noun,
		       const struct noun_mapper *mapper);

static void
pack_member(GByteArray *out, const struct member *member, gconstpointer at,
	    const struct noun_mapper *mapper)
{
	const GPtrArray *texts;
	const GArray *items;

	switch (member->kind) {
	case MEMBER_TEXT:
		pack_mapped(out, mapper, member, *(const char *const *)at);
		break;
	case MEMBER_TEXTS:
		texts = *(GPtrArray *const *)at;
		pack_uint(out, texts->len);
		for (guint i = 0; i < texts->len; i++)
			pack_mapped(out, mapper, member, g_ptr_array_index(texts, i));
		break;
	case MEMBER_NUMBER:
		pack_number(out, at);
		break;
	case MEMBER_FLAG:
		pack_uint(out, *(const gboolean *)at != FALSE);
		break;
	case MEMBER_IP:
		g_byte_array_append(out, ((const struct ip *)at)->bytes, sizeof(struct ip));
		break;
	case MEMBER_ITEMS:
		items = *(GArray *const *)at;
		pack_uint(out, items->len);
		for (guint i = 0; i < items->len; i++)
			pack_shape(out, member->items, items->data + i * member->items->size,
				   mapper);
		break;
	case N_MEMBER_KINDS:
	default:
		g_assert_not_reached();
	}
}

static void
pack_shape(GByteArray *out, const struct shape *shape, gconstpointer noun,
	   const struct noun_mapper *mapper)
{
	pack_uint(out, shape->n_members);
	for (gsize i = 0; i < shape->n_members; i++)
		pack_member(out, &shape->members[i], (const char *)noun + shape->members[i].offset,
			    mapper);
}

void
noun_pack(GByteArray *out, const struct document *document, const struct noun_mapper *mapper)
{
	/* All nouns begin where the union does. */
	pack_shape(out, document_shape(document->kind), &document->feedback, mapper);
	pack_uint(out, document->warnings->len);
	for (guint i = 0; i < document->warnings->len; i++) {
		const struct warning *warning =
			&g_array_index(document->warnings, struct warning, i);
		pack_text(out, warning->code);
		pack_mapped(out, mapper, &warning_text, warning->text);
	}
}

/* --- Reading --- */

static char *
unpack_text(struct unpack *in, struct document *document)
{
	guint64 len = unpack_uint(in);

	if (len > (guint64)(in->end - in->at)) {
		in->is_broken = TRUE;
		in->at = in->end;
		return document_string(document, "");
	}
	char *text =
		g_string_chunk_insert_len(document->strings, (const char *)in->at, (gssize)len);
	in->at += len;
	return text;
}

static void
unpack_number(struct unpack *in, struct number *number)
{
	number->is_known = unpack_uint(in) != 0;
	if (!number->is_known)
		return;
	guint64 zigzag = unpack_uint(in);
	number->value = (gint64)(zigzag >> 1) ^ -(gint64)(zigzag & 1);
}

static void
unpack_ip(struct unpack *in, struct ip *ip)
{
	if ((gsize)(in->end - in->at) < sizeof(ip->bytes)) {
		in->is_broken = TRUE;
		in->at = in->end;
		return;
	}
	memcpy(ip->bytes, in->at, sizeof(ip->bytes));
	in->at += sizeof(ip->bytes);
}

static void unpack_shape(struct unpack *in, const struct shape *shape, gpointer noun,
			 struct document *document);

/* A damaged count ends with the bytes: nothing is as short as no byte. */
static void
unpack_member(struct unpack *in, const struct member *member, gpointer at,
	      struct document *document)
{
	guint64 n;

	switch (member->kind) {
	case MEMBER_TEXT:
		*(const char **)at = unpack_text(in, document);
		break;
	case MEMBER_TEXTS:
		n = unpack_uint(in);
		for (guint64 i = 0; i < n && !in->is_broken; i++)
			g_ptr_array_add(*(GPtrArray **)at, unpack_text(in, document));
		break;
	case MEMBER_NUMBER:
		unpack_number(in, at);
		break;
	case MEMBER_FLAG:
		*(gboolean *)at = unpack_uint(in) != 0;
		break;
	case MEMBER_IP:
		unpack_ip(in, at);
		break;
	case MEMBER_ITEMS:
		n = unpack_uint(in);
		for (guint64 i = 0; i < n && !in->is_broken; i++)
			unpack_shape(in, member->items,
				     shape_add_item(member->items, *(GArray **)at), document);
		break;
	case N_MEMBER_KINDS:
	default:
		g_assert_not_reached();
	}
}

static void
unpack_shape(struct unpack *in, const struct shape *shape, gpointer noun, struct document *document)
{
	guint64 n_members = unpack_uint(in);

	if (n_members > shape->n_members)
		in->is_broken = TRUE;
	for (gsize i = 0; i < n_members && !in->is_broken; i++)
		unpack_member(in, &shape->members[i],
			      G_STRUCT_MEMBER_P(noun, shape->members[i].offset), document);
}

gboolean
noun_unpack(struct unpack *in, struct document *document)
{
	unpack_shape(in, document_shape(document->kind), document_noun(document), document);
	guint64 n = unpack_uint(in);
	for (guint64 i = 0; i < n && !in->is_broken; i++) {
		const char *code = unpack_text(in, document);
		document_warn(document, code, unpack_text(in, document));
	}
	return !in->is_broken;
}
