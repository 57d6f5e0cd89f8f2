/* SPDX-License-Identifier: MIT */
#include "tests/support/document_like.h"

#include <string.h>

#include "tests/support/store_random.h"

#define TODAY 20000

static const char *const words[] = { "",
				     "a",
				     "bücher.example",
				     "\xf0\x9f\x93\xac",
				     "a\nb",
				     "fail",
				     "x y",
				     "0123456789012345678901234567890123456789" };

/* ---- at random ---- */

static const char *
pick(GRand *rand, struct document *document)
{
	return document_string(document, words[g_rand_int_range(rand, 0, G_N_ELEMENTS(words))]);
}

static void fill_shape(GRand *rand, struct document *document, const struct shape *shape,
		       gpointer noun);

static void
fill_member(GRand *rand, struct document *document, const struct member *member, gpointer at)
{
	gint n = g_rand_int_range(rand, 0, 4);

	switch (member->kind) {
	case MEMBER_TEXT:
		*(const char **)at = pick(rand, document);
		break;
	case MEMBER_TEXTS:
		while (n-- > 0)
			g_ptr_array_add(*(GPtrArray **)at,
					(gpointer)(guintptr)pick(rand, document));
		break;
	case MEMBER_NUMBER:
		((struct number *)at)->is_known = g_rand_boolean(rand);
		((struct number *)at)->value = (gint64)g_rand_int(rand) * G_MAXINT32 - n;
		break;
	case MEMBER_FLAG:
		*(gboolean *)at = g_rand_boolean(rand);
		break;
	case MEMBER_IP:
		((struct ip *)at)->bytes[n] = (guint8)g_rand_int(rand);
		break;
	case MEMBER_ITEMS:
		while (n-- > 0)
			fill_shape(rand, document, member->items,
				   shape_add_item(member->items, *(GArray **)at));
		break;
	case N_MEMBER_KINDS:
	default:
		g_assert_not_reached();
	}
}

static void
fill_shape(GRand *rand, struct document *document, const struct shape *shape, gpointer noun)
{
	for (gsize i = 0; i < shape->n_members; i++)
		fill_member(rand, document, &shape->members[i],
			    G_STRUCT_MEMBER_P(noun, shape->members[i].offset));
}

struct document *
document_at_random(guint32 number)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(number);
	enum document_kind kind = (enum document_kind)(number % N_DOCUMENT_KINDS);
	struct document *document =
		kind == DOCUMENT_AGGREGATE ? random_document(number, TODAY) : document_new(kind);

	if (document_shape(kind))
		fill_shape(rand, document, document_shape(kind), document_noun(document));
	else
		g_ptr_array_add(document->report.errors, (gpointer)(guintptr)pick(rand, document));
	document->part = pick(rand, document);
	document->carrier = (struct carrier){
		(guint32)g_rand_boolean(rand),
		pick(rand, document),
		pick(rand, document),
		pick(rand, document),
		(guint32)g_rand_int_range(rand, 0, N_AUTHENTICATED),
		pick(rand, document),
	};
	document_warn(document, "first", pick(rand, document));
	document_warn(document, "second", pick(rand, document));
	g_clear_pointer(&document->raw, g_bytes_unref);
	if (g_rand_boolean(rand))
		document->raw = g_bytes_new("raw bytes", number % 10);
	return document;
}

/* ---- the same? ---- */

static gboolean
is_same_text(const char *a, const char *b)
{
	return g_str_equal(a, b);
}

static gboolean
are_same_texts(const GPtrArray *a, const GPtrArray *b)
{
	if (a->len != b->len)
		return FALSE;
	for (guint i = 0; i < a->len; i++)
		if (!is_same_text(a->pdata[i], b->pdata[i]))
			return FALSE;
	return TRUE;
}

static gboolean
are_same_bytes(GArray *a, GArray *b)
{
	return a->len == b->len &&
	       (a->len == 0 || memcmp(a->data, b->data, a->len * g_array_get_element_size(a)) == 0);
}

static gboolean
are_same_lists(const struct report *a, const struct report *b)
{
	return are_same_texts(a->errors, b->errors) && are_same_texts(a->names, b->names) &&
	       are_same_bytes(a->auth_results, b->auth_results) &&
	       are_same_bytes(a->auth_sets, b->auth_sets) &&
	       are_same_bytes(a->reasons, b->reasons) &&
	       are_same_bytes(a->reason_sets, b->reason_sets);
}

/* Members alone: records have padding. */
static gboolean
is_same_record(const struct record *a, const struct record *b)
{
	return memcmp(&a->source_ip, &b->source_ip, sizeof(a->source_ip)) == 0 &&
	       a->count == b->count &&
	       memcmp(&a->source_text, &b->source_text,
		      G_STRUCT_OFFSET(struct record, disposition) -
			      G_STRUCT_OFFSET(struct record, source_text)) == 0 &&
	       a->disposition == b->disposition && a->dkim == b->dkim && a->spf == b->spf;
}

static const char *
report_difference(const struct report *a, const struct report *b)
{
	const char *const *texts[] = { &a->xmlns, &b->xmlns };

	/* xmlns to generator, and all of the policy, stand one after the other. */
	for (gsize i = 0; texts[0] + i <= &a->generator; i++)
		if (!is_same_text(texts[0][i], texts[1][i]))
			return "header";
	for (gsize i = 0; i < sizeof(struct policy) / sizeof(char *); i++)
		if (!is_same_text((&a->policy.domain)[i], (&b->policy.domain)[i]))
			return "policy";
	if (a->begin_at != b->begin_at || a->end_at != b->end_at)
		return "period";
	if (!are_same_lists(a, b))
		return "lists";
	if (a->records->len != b->records->len)
		return "number of records";
	for (guint i = 0; i < a->records->len; i++)
		if (!is_same_record(&g_array_index(a->records, struct record, i),
				    &g_array_index(b->records, struct record, i)))
			return "records";
	return NULL;
}

static const char *shape_difference(const struct shape *shape, gpointer a, gpointer b);

static gboolean
are_same_items(const struct shape *shape, const GArray *a, const GArray *b)
{
	if (a->len != b->len)
		return FALSE;
	for (guint i = 0; i < a->len; i++)
		if (shape_difference(shape, a->data + i * shape->size, b->data + i * shape->size))
			return FALSE;
	return TRUE;
}

static gboolean
is_same_member(const struct member *member, gpointer a, gpointer b)
{
	switch (member->kind) {
	case MEMBER_TEXT:
		return is_same_text(*(const char **)a, *(const char **)b);
	case MEMBER_TEXTS:
		return are_same_texts(*(GPtrArray **)a, *(GPtrArray **)b);
	case MEMBER_NUMBER:
		return ((struct number *)a)->value == ((struct number *)b)->value &&
		       ((struct number *)a)->is_known == ((struct number *)b)->is_known;
	case MEMBER_FLAG:
		return *(gboolean *)a == *(gboolean *)b;
	case MEMBER_IP:
		return memcmp(a, b, sizeof(struct ip)) == 0;
	case MEMBER_ITEMS:
		return are_same_items(member->items, *(GArray **)a, *(GArray **)b);
	case N_MEMBER_KINDS:
	default:
		g_assert_not_reached();
	}
}

static const char *
shape_difference(const struct shape *shape, gpointer a, gpointer b)
{
	for (gsize i = 0; i < shape->n_members; i++) {
		const struct member *member = &shape->members[i];
		if (!is_same_member(member, G_STRUCT_MEMBER_P(a, member->offset),
				    G_STRUCT_MEMBER_P(b, member->offset)))
			return member->name;
	}
	return NULL;
}

static gboolean
are_same_warnings(const GArray *a, const GArray *b)
{
	if (a->len != b->len)
		return FALSE;
	for (guint i = 0; i < a->len; i++) {
		const struct warning *x = &g_array_index(a, struct warning, i);
		const struct warning *y = &g_array_index(b, struct warning, i);
		if (!is_same_text(x->code, y->code) || !is_same_text(x->text, y->text))
			return FALSE;
	}
	return TRUE;
}

static gboolean
is_same_carrier(const struct carrier *a, const struct carrier *b)
{
	return a->is_bare == b->is_bare && is_same_text(a->from_domain, b->from_domain) &&
	       is_same_text(a->from, b->from) && is_same_text(a->message_id, b->message_id) &&
	       a->authenticated == b->authenticated && is_same_text(a->auth_domain, b->auth_domain);
}

const char *
document_difference(struct document *a, struct document *b)
{
	if (a->kind != b->kind)
		return "kind";
	if (!are_same_warnings(a->warnings, b->warnings))
		return "warnings";
	if (!is_same_text(a->part, b->part))
		return "part";
	if (!is_same_carrier(&a->carrier, &b->carrier))
		return "carrier";
	if (!a->raw != !b->raw || (a->raw && !g_bytes_equal(a->raw, b->raw)))
		return "raw";
	if (document_shape(a->kind))
		return shape_difference(document_shape(a->kind), document_noun(a),
					document_noun(b));
	return report_difference(&a->report, &b->report);
}
