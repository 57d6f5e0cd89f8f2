/* SPDX-License-Identifier: MIT */
/* The side of the parent, which believes nothing. */
#include "core/ip.h"
#include "core/wire.h"
#include "core/wire_items.h"

/* What things cost in memory beside their texts. */
#define DOCUMENT_COST 8192
#define LIST_COST     64
#define TEXT_AT_COST  8

/* Documents of one answer: every entry of every archive of a mail could be one. */
#define DOCUMENTS_MAX 65536

/* Seconds: what a report may say of its period, year 9999 and a little (ingest takes up to 2^53).
 */
#define INSTANT_MAX (G_GINT64_CONSTANT(1) << 53)

/* A document that has begun. */
struct arriving {
	struct document *document; /* NULL once it is done or dropped */
	gboolean has_body;
};

struct reading {
	struct wire_in *in;
	struct parsed *parsed;
	GArray *arriving; /* struct arriving, by number */
	GBytes *last_raw;
};

static void
arriving_clear(gpointer data)
{
	struct arriving *arriving = data;

	document_free(arriving->document);
}

/* ---- values ---- */

/* A number of things that follow, each of at least one byte. Nothing is allocated for them yet. */
static guint32
get_count(struct wire_in *in)
{
	guint32 n = wire_get_u32(in);

	return wire_is_good(in) ? n : 0;
}

static gboolean
get_flag(struct wire_in *in)
{
	guint8 flag = wire_get_u8(in);

	if (flag > 1)
		wire_refuse(in, "the answer holds a flag that is neither yes nor no");
	return flag == 1;
}

static void
get_texts(struct wire_in *in, GStringChunk *strings, GPtrArray *texts)
{
	guint32 n = get_count(in);

	for (guint32 i = 0; i < n && wire_is_good(in); i++) {
		const char *text = wire_get_text(in, strings);
		if (wire_spend(in, TEXT_AT_COST))
			g_ptr_array_add(texts, (gpointer)(guintptr)text);
	}
}

/* ---- aggregate reports ---- */

static void
get_names(struct reading *r, struct arriving *arriving)
{
	struct document *document = arriving->document;

	if (document_shape(document->kind))
		wire_refuse(r->in, "the answer gives names to what has none");
	else
		get_texts(r->in, document->strings, document->report.names);
}

static void
get_items(struct reading *r, struct arriving *arriving)
{
	struct report *report = &arriving->document->report;
	guint8 which = wire_get_u8(r->in);
	guint32 n = get_count(r->in);
	/* An item of any list; the lists hold plain data. */
	union {
		struct auth_result result;
		struct run run;
		struct reason reason;
		struct record record;
	} item;

	if (which >= N_WIRE_LISTS || document_shape(arriving->document->kind)) {
		wire_refuse(r->in, "the answer holds a list that nobody knows");
		return;
	}
	const struct wire_list *list = &wire_lists[which];
	GArray *items = G_STRUCT_MEMBER(GArray *, report, list->offset);
	for (guint32 i = 0; i < n; i++) {
		const guint8 *at = wire_take(r->in, list->len);
		if (!at || !wire_spend(r->in, list->size))
			return;
		if (!list->unpack(at, report, &item)) {
			wire_refuse(r->in, "the answer points to what is not there");
			return;
		}
		g_array_append_vals(items, &item, 1);
	}
}

static gint64
get_instant(struct wire_in *in)
{
	gint64 at = wire_get_i64(in);

	if (at < 0 || at > INSTANT_MAX)
		wire_refuse(in, "the answer holds an instant that cannot be");
	return at;
}

static void
begin_body(struct reading *r, struct arriving *arriving)
{
	if (arriving->has_body)
		wire_refuse(r->in, "the answer says the same twice");
	arriving->has_body = TRUE;
}

static void
get_header(struct reading *r, struct arriving *arriving)
{
	struct document *document = arriving->document;
	struct report *report = &document->report;

	begin_body(r, arriving);
	if (document_shape(document->kind)) {
		wire_refuse(r->in, "the answer has the header of another kind");
		return;
	}
	for (gsize i = 0; i < wire_n_report_texts; i++)
		G_STRUCT_MEMBER(const char *, report, wire_report_texts[i]) =
			wire_get_text(r->in, document->strings);
	report->begin_at = get_instant(r->in);
	report->end_at = get_instant(r->in);
	report->left_out = wire_get_i64(r->in);
	if (report->left_out < 0)
		wire_refuse(r->in, "a negative number of records");
	get_texts(r->in, document->strings, report->errors);
}

/* ---- kinds that have a shape ---- */

static void get_shape(struct wire_in *in, GStringChunk *strings, const struct shape *shape,
		      gpointer noun);

static void
get_list(struct wire_in *in, GStringChunk *strings, const struct shape *shape, GArray *items)
{
	guint32 n = get_count(in);

	for (guint32 i = 0; i < n && wire_is_good(in); i++)
		if (wire_spend(in, shape->size + shape->n_members * LIST_COST))
			get_shape(in, strings, shape, shape_add_item(shape, items));
}

static struct number
get_number(struct wire_in *in)
{
	gboolean is_known = get_flag(in);
	struct number number = { wire_get_i64(in), is_known };

	return number;
}

static void
get_member(struct wire_in *in, GStringChunk *strings, const struct member *member, gpointer at)
{
	const guint8 *bytes;

	switch (member->kind) {
	case MEMBER_TEXT:
		*(const char **)at = wire_get_text(in, strings);
		break;
	case MEMBER_TEXTS:
		get_texts(in, strings, *(GPtrArray **)at);
		break;
	case MEMBER_NUMBER:
		*(struct number *)at = get_number(in);
		break;
	case MEMBER_FLAG:
		*(gboolean *)at = get_flag(in);
		break;
	case MEMBER_IP:
		bytes = wire_take(in, sizeof(struct ip));
		if (bytes)
			memcpy(at, bytes, sizeof(struct ip));
		break;
	case MEMBER_ITEMS:
		get_list(in, strings, member->items, *(GArray **)at);
		break;
	case N_MEMBER_KINDS:
	default:
		g_assert_not_reached();
	}
}

/* Shapes are ours and not deep, so this goes no deeper than they do. */
static void
get_shape(struct wire_in *in, GStringChunk *strings, const struct shape *shape, gpointer noun)
{
	for (gsize i = 0; i < shape->n_members && wire_is_good(in); i++)
		get_member(in, strings, &shape->members[i],
			   G_STRUCT_MEMBER_P(noun, shape->members[i].offset));
}

static void
get_noun(struct reading *r, struct arriving *arriving)
{
	struct document *document = arriving->document;
	const struct shape *shape = document_shape(document->kind);

	begin_body(r, arriving);
	if (shape && wire_is_good(r->in))
		get_shape(r->in, document->strings, shape, document_noun(document));
	else
		wire_refuse(r->in, "the answer has the members of another kind");
}

/* ---- what every document has ---- */

static void
get_warnings(struct reading *r, struct arriving *arriving)
{
	struct document *document = arriving->document;
	guint32 n = get_count(r->in);

	if (n > DOCUMENT_WARNINGS_MAX - document->warnings->len)
		wire_refuse(r->in, "the answer has too many warnings");
	for (guint32 i = 0; i < n && wire_is_good(r->in); i++) {
		struct warning warning;
		warning.code = wire_get_text(r->in, document->strings);
		warning.text = wire_get_text(r->in, document->strings);
		g_array_append_val(document->warnings, warning);
	}
}

static void
get_place(struct reading *r, struct arriving *arriving)
{
	struct document *document = arriving->document;
	struct carrier *carrier = &document->carrier;

	document->part = wire_get_text(r->in, document->strings);
	carrier->is_bare = wire_get_u32(r->in);
	carrier->from_domain = wire_get_text(r->in, document->strings);
	carrier->from = wire_get_text(r->in, document->strings);
	carrier->message_id = wire_get_text(r->in, document->strings);
	carrier->authenticated = wire_get_u32(r->in);
	carrier->auth_domain = wire_get_text(r->in, document->strings);
	if (carrier->authenticated >= N_AUTHENTICATED || carrier->is_bare > TRUE)
		wire_refuse(r->in, "the answer holds a word that nobody knows");
}

static void
set_raw(struct reading *r, struct arriving *arriving)
{
	g_clear_pointer(&arriving->document->raw, g_bytes_unref);
	arriving->document->raw = g_bytes_ref(r->last_raw);
}

static void
get_raw(struct reading *r, struct arriving *arriving)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	gint64 len = wire_get_i64(r->in);

	if (len < 0)
		wire_refuse(r->in, "the answer holds less than nothing");
	else
		wire_get_bytes(r->in, bytes, (gsize)len);
	g_clear_pointer(&r->last_raw, g_bytes_unref);
	r->last_raw = g_byte_array_free_to_bytes(g_steal_pointer(&bytes));
	set_raw(r, arriving);
}

static void
get_raw_again(struct reading *r, struct arriving *arriving)
{
	if (r->last_raw)
		set_raw(r, arriving);
	else
		wire_refuse(r->in, "the answer repeats bytes that were never there");
}

static void
end_document(struct reading *r, struct arriving *arriving)
{
	if (!arriving->has_body)
		wire_refuse(r->in, "the answer has a document without a body");
	else
		g_ptr_array_add(r->parsed->documents, g_steal_pointer(&arriving->document));
}

static void
drop_document(struct reading *r, struct arriving *arriving)
{
	(void)r;
	g_clear_pointer(&arriving->document, document_free);
}

/* ---- the answer ---- */

static void
begin_document(struct reading *r)
{
	guint32 number = wire_get_u32(r->in);
	guint8 kind = wire_get_u8(r->in);

	if (number != r->arriving->len || number >= DOCUMENTS_MAX || kind >= N_DOCUMENT_KINDS)
		wire_refuse(r->in, "the answer begins a document that cannot be");
	if (!wire_spend(r->in, DOCUMENT_COST))
		return;
	struct arriving arriving = { document_new((enum document_kind)kind), FALSE };
	g_array_append_val(r->arriving, arriving);
}

static void
get_fault(struct reading *r)
{
	g_autofree char *code = wire_get_new_text(r->in);
	g_autofree char *part = wire_get_new_text(r->in);
	g_autofree char *reason = wire_get_new_text(r->in);

	if (wire_spend(r->in, sizeof(struct fault)))
		parsed_add_fault(r->parsed, fault_code_find(code), g_steal_pointer(&part),
				 g_steal_pointer(&reason));
}

static void
get_note(struct reading *r)
{
	g_free(r->parsed->note);
	r->parsed->note = wire_get_new_text(r->in);
}

typedef void (*answer_fn)(struct reading *r);
static const answer_fn answer_blocks[BLOCK_END + 1] = {
	[BLOCK_BEGIN] = begin_document,
	[BLOCK_FAULT] = get_fault,
	[BLOCK_NOTE] = get_note,
};

typedef void (*document_fn)(struct reading *r, struct arriving *arriving);
static const document_fn document_blocks[BLOCK_END + 1] = {
	[BLOCK_NAMES] = get_names,       [BLOCK_ITEMS] = get_items,
	[BLOCK_HEADER] = get_header,     [BLOCK_NOUN] = get_noun,
	[BLOCK_WARNINGS] = get_warnings, [BLOCK_PLACE] = get_place,
	[BLOCK_RAW] = get_raw,           [BLOCK_RAW_AGAIN] = get_raw_again,
	[BLOCK_DONE] = end_document,     [BLOCK_DROP] = drop_document,
};

static void
get_document_block(struct reading *r, document_fn read)
{
	guint32 number = wire_get_u32(r->in);

	if (number < r->arriving->len) {
		struct arriving *arriving = &g_array_index(r->arriving, struct arriving, number);
		if (arriving->document) {
			read(r, arriving);
			return;
		}
	}
	wire_refuse(r->in, "the answer goes on with a document that is not open");
}

static void
read_blocks(struct reading *r)
{
	/* Each block costs something, so that there is an end of those that say nothing. */
	while (wire_spend(r->in, 1)) {
		guint8 block = wire_get_u8(r->in);
		if (block == BLOCK_END)
			return;
		if (block < BLOCK_END && answer_blocks[block])
			answer_blocks[block](r);
		else if (block < BLOCK_END && document_blocks[block])
			get_document_block(r, document_blocks[block]);
		else
			wire_refuse(r->in, "the answer holds a block that nobody knows");
	}
}

struct parsed *
wire_read_parsed(struct wire_in *in, gsize max_wire_bytes, GError **error)
{
	g_autoptr(parsed_auto) parsed = parsed_new();
	struct reading r = { .in = in, .parsed = parsed };

	r.arriving = g_array_new(FALSE, FALSE, sizeof(struct arriving));
	g_array_set_clear_func(r.arriving, arriving_clear);
	wire_in_begin(in, max_wire_bytes);
	read_blocks(&r);
	g_array_unref(r.arriving);
	if (r.last_raw)
		g_bytes_unref(r.last_raw);
	if (!wire_in_finish(in, error))
		return NULL;
	return g_steal_pointer(&parsed);
}
