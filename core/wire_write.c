/* SPDX-License-Identifier: MIT */
/* The side of the sealed worker. */
#include "core/ip.h"
#include "core/wire.h"
#include "core/wire_items.h"

/* What was sent of a document that has begun and not ended. */
struct sent {
	guint32 number;
	guint names;
	guint items[N_WIRE_LISTS];
};

struct wire_writer {
	struct wire_out *out;
	GHashTable *open; /* const struct document * -> struct sent * */
	guint32 n_begun;
	const GBytes *last_raw; /* of this answer; its document is not freed before the end */
};

struct wire_writer *
wire_writer_new(struct wire_out *out)
{
	struct wire_writer *writer = g_new0(struct wire_writer, 1);

	writer->out = out;
	writer->open = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	return writer;
}

void
wire_writer_free(struct wire_writer *writer)
{
	if (!writer)
		return;
	g_hash_table_unref(writer->open);
	g_free(writer);
}

static void
put_block(struct wire_writer *writer, enum wire_block block, const struct sent *sent)
{
	wire_put_u8(writer->out, (guint8)block);
	wire_put_u32(writer->out, sent->number);
}

static struct sent *
begin(struct wire_writer *writer, const struct document *document)
{
	struct sent *sent = g_hash_table_lookup(writer->open, document);

	if (sent)
		return sent;
	sent = g_new0(struct sent, 1);
	sent->number = writer->n_begun++;
	sent->names = 1;
	for (gsize i = 0; i < N_WIRE_LISTS; i++)
		sent->items[i] = wire_lists[i].first;
	g_hash_table_insert(writer->open, (gpointer)(guintptr)document, sent);
	put_block(writer, BLOCK_BEGIN, sent);
	wire_put_u8(writer->out, (guint8)document->kind);
	return sent;
}

/* ---- lists ---- */

static void
put_names(struct wire_writer *writer, struct sent *sent, const GPtrArray *names)
{
	if (sent->names == names->len)
		return;
	put_block(writer, BLOCK_NAMES, sent);
	wire_put_u32(writer->out, names->len - sent->names);
	for (; sent->names < names->len; sent->names++)
		wire_put_text(writer->out, g_ptr_array_index(names, sent->names));
}

static void
put_items(struct wire_writer *writer, struct sent *sent, guint which, const struct report *report)
{
	const struct wire_list *list = &wire_lists[which];
	const GArray *items = G_STRUCT_MEMBER(GArray *, report, list->offset);
	guint first = sent->items[which];

	if (first == items->len)
		return;
	put_block(writer, BLOCK_ITEMS, sent);
	wire_put_u8(writer->out, (guint8)which);
	wire_put_u32(writer->out, items->len - first);
	for (guint i = first; i < items->len; i++)
		list->pack(items->data + i * list->size, wire_room(writer->out, list->len));
	/* Records are the caller's to empty. */
	if (which != WIRE_RECORDS)
		sent->items[which] = items->len;
}

void
wire_send_records(struct wire_writer *writer, const struct document *document)
{
	struct sent *sent = begin(writer, document);

	put_names(writer, sent, document->report.names);
	for (guint i = 0; i < N_WIRE_LISTS; i++)
		put_items(writer, sent, i, &document->report);
}

/* ---- what stands once in a document ---- */

static void
put_texts(struct wire_out *out, const GPtrArray *texts)
{
	wire_put_u32(out, texts->len);
	for (guint i = 0; i < texts->len; i++)
		wire_put_text(out, g_ptr_array_index(texts, i));
}

static void
put_header(struct wire_writer *writer, const struct sent *sent, const struct report *report)
{
	put_block(writer, BLOCK_HEADER, sent);
	for (gsize i = 0; i < wire_n_report_texts; i++)
		wire_put_text(writer->out,
			      G_STRUCT_MEMBER(const char *, report, wire_report_texts[i]));
	wire_put_i64(writer->out, report->begin_at);
	wire_put_i64(writer->out, report->end_at);
	wire_put_i64(writer->out, report->left_out);
	put_texts(writer->out, report->errors);
}

static void put_shape(struct wire_out *out, const struct shape *shape, gconstpointer noun);

static void
put_list(struct wire_out *out, const struct shape *shape, const GArray *items)
{
	wire_put_u32(out, items->len);
	for (guint i = 0; i < items->len; i++)
		put_shape(out, shape, items->data + i * shape->size);
}

static void
put_number(struct wire_out *out, const struct number *number)
{
	wire_put_u8(out, number->is_known ? 1 : 0);
	wire_put_i64(out, number->value);
}

static void
put_member(struct wire_out *out, const struct member *member, gconstpointer at)
{
	switch (member->kind) {
	case MEMBER_TEXT:
		wire_put_text(out, *(const char *const *)at);
		break;
	case MEMBER_TEXTS:
		put_texts(out, *(GPtrArray *const *)at);
		break;
	case MEMBER_NUMBER:
		put_number(out, at);
		break;
	case MEMBER_FLAG:
		wire_put_u8(out, *(const gboolean *)at ? 1 : 0);
		break;
	case MEMBER_IP:
		wire_put_bytes(out, at, sizeof(struct ip));
		break;
	case MEMBER_ITEMS:
		put_list(out, member->items, *(GArray *const *)at);
		break;
	case N_MEMBER_KINDS:
	default:
		g_assert_not_reached();
	}
}

static void
put_shape(struct wire_out *out, const struct shape *shape, gconstpointer noun)
{
	for (gsize i = 0; i < shape->n_members; i++)
		put_member(out, &shape->members[i], (const char *)noun + shape->members[i].offset);
}

static void
put_warnings(struct wire_writer *writer, const struct sent *sent, const GArray *warnings)
{
	if (warnings->len == 0)
		return;
	put_block(writer, BLOCK_WARNINGS, sent);
	wire_put_u32(writer->out, warnings->len);
	for (guint i = 0; i < warnings->len; i++) {
		const struct warning *warning = &g_array_index(warnings, struct warning, i);
		wire_put_text(writer->out, warning->code);
		wire_put_text(writer->out, warning->text);
	}
}

static void
put_place(struct wire_writer *writer, const struct sent *sent, const struct document *document)
{
	const struct carrier *carrier = &document->carrier;

	put_block(writer, BLOCK_PLACE, sent);
	wire_put_text(writer->out, document->part);
	wire_put_u32(writer->out, carrier->is_bare);
	wire_put_text(writer->out, carrier->from_domain);
	wire_put_text(writer->out, carrier->from);
	wire_put_text(writer->out, carrier->message_id);
	wire_put_u32(writer->out, carrier->authenticated);
	wire_put_text(writer->out, carrier->auth_domain);
}

/* Several reports of one damaged stream share its bytes. */
static void
put_raw(struct wire_writer *writer, const struct sent *sent, GBytes *raw)
{
	gsize len;

	if (!raw)
		return;
	if (raw == writer->last_raw) {
		put_block(writer, BLOCK_RAW_AGAIN, sent);
		return;
	}
	gconstpointer bytes = g_bytes_get_data(raw, &len);
	put_block(writer, BLOCK_RAW, sent);
	wire_put_i64(writer->out, (gint64)len);
	wire_put_bytes(writer->out, bytes, len);
	writer->last_raw = raw;
}

static void
put_document(struct wire_writer *writer, struct document *document)
{
	const struct shape *shape = document_shape(document->kind);
	struct sent *sent = begin(writer, document);

	if (shape) {
		put_block(writer, BLOCK_NOUN, sent);
		put_shape(writer->out, shape, document_noun(document));
	} else {
		wire_send_records(writer, document);
		put_header(writer, sent, &document->report);
	}
	put_warnings(writer, sent, document->warnings);
	put_place(writer, sent, document);
	put_raw(writer, sent, document->raw);
	put_block(writer, BLOCK_DONE, sent);
	g_hash_table_remove(writer->open, document);
}

void
wire_drop(struct wire_writer *writer, const struct document *document)
{
	const struct sent *sent = g_hash_table_lookup(writer->open, document);

	if (!sent)
		return;
	put_block(writer, BLOCK_DROP, sent);
	g_hash_table_remove(writer->open, document);
}

gboolean
wire_send_parsed(struct wire_writer *writer, const struct parsed *parsed, GError **error)
{
	for (guint i = 0; i < parsed->documents->len; i++)
		put_document(writer, g_ptr_array_index(parsed->documents, i));
	for (guint i = 0; i < parsed->faults->len; i++) {
		const struct fault *fault = &g_array_index(parsed->faults, struct fault, i);
		wire_put_u8(writer->out, BLOCK_FAULT);
		wire_put_text(writer->out, fault->code);
		wire_put_text(writer->out, fault->part);
		wire_put_text(writer->out, fault->reason);
	}
	if (parsed->note) {
		wire_put_u8(writer->out, BLOCK_NOTE);
		wire_put_text(writer->out, parsed->note);
	}
	wire_put_u8(writer->out, BLOCK_END);
	writer->n_begun = 0;
	writer->last_raw = NULL;
	return wire_out_flush(writer->out, error);
}
