/* SPDX-License-Identifier: MIT */
#include "net/dns_answer.h"

#include <string.h>

#include "net/dns_name.h"

#define STRING_CHUNK_LEN 256

#define HEADER_LEN     12
#define IS_ANSWER      0x80
#define OPCODE_BITS    0x78
#define IS_TRUNCATED   0x02
#define RCODE_BITS     0x0f
#define RCODE_SERVFAIL 2
#define RCODE_NXDOMAIN 3

#define CLASS_IN   1
#define TYPE_NS    2
#define TYPE_CNAME 5
#define TYPE_SOA   6

/* An SOA record: two names, then serial, refresh, retry, expire, minimum. */
#define SOA_NAMES_N     2
#define SOA_NUMBERS_LEN 20

/* Where a record stands in the message. */
struct rr {
	gsize owner;
	guint16 type;
	gboolean is_authority;
	guint32 ttl;
	gsize data;
	gsize data_len;
};

struct reader {
	const guint8 *message;
	gsize len;
	gsize at;
	GArray *records; /* struct rr */
	GString *wanted; /* the name asked for, or what it is an alias of */
	GString *name;   /* scratch */
	guint32 ttl;     /* lowest of all that was used */
	struct dns_answer *answer;
};

static const char *const reason_names[N_DNS_REASONS] = {
	[DNS_REASON_NONE] = "none",           [DNS_REASON_SILENCE] = "silence",
	[DNS_REASON_SERVFAIL] = "servfail",   [DNS_REASON_REFUSED] = "refused",
	[DNS_REASON_MALFORMED] = "malformed", [DNS_REASON_REFERRAL] = "referral",
	[DNS_REASON_LOOP] = "loop",           [DNS_REASON_NAME] = "name",
	[DNS_REASON_BUDGET] = "budget",       [DNS_REASON_STOPPED] = "stopped",
};

/* ---- numbers ---- */

static guint16
get_u16(const guint8 *at)
{
	return (guint16)(at[0] << 8 | at[1]);
}

static guint32
get_u32(const guint8 *at)
{
	return (guint32)get_u16(at) << 16 | get_u16(at + 2);
}

/* RFC 2181 section 8: a number with the highest bit set counts as zero. */
static guint32
get_ttl(const guint8 *at)
{
	guint32 ttl = get_u32(at);

	return ttl > G_MAXINT32 ? 0 : ttl;
}

/* ---- the message as a whole ---- */

static gboolean
read_record(struct reader *reader, gboolean is_authority)
{
	struct rr rr = { .owner = reader->at, .is_authority = is_authority };

	if (!dns_name_unpack(reader->message, reader->len, &reader->at, reader->name) ||
	    reader->len - reader->at < 10)
		return FALSE;
	const guint8 *head = reader->message + reader->at;
	rr.type = get_u16(head);
	rr.ttl = get_ttl(head + 4);
	rr.data = reader->at + 10;
	rr.data_len = get_u16(head + 8);
	if (reader->len - rr.data < rr.data_len)
		return FALSE;
	reader->at = rr.data + rr.data_len;
	if (get_u16(head + 2) == CLASS_IN)
		g_array_append_val(reader->records, rr);
	return TRUE;
}

static gboolean
read_records(struct reader *reader)
{
	guint n_answers = get_u16(reader->message + 6);
	guint n = n_answers + get_u16(reader->message + 8);

	if (n > DNS_MESSAGE_RECORDS_MAX)
		return FALSE;
	for (guint i = 0; i < n; i++)
		if (!read_record(reader, i >= n_answers))
			return FALSE;
	return TRUE;
}

/* Does it answer, and this very question? */
static gboolean
read_head(struct reader *reader, enum dns_type type)
{
	const guint8 *head = reader->message;

	if (reader->len < HEADER_LEN || !(head[2] & IS_ANSWER) || (head[2] & OPCODE_BITS) ||
	    (head[2] & IS_TRUNCATED) || get_u16(head + 4) != 1)
		return FALSE;
	reader->at = HEADER_LEN;
	if (!dns_name_unpack(reader->message, reader->len, &reader->at, reader->name) ||
	    reader->len - reader->at < 4 || !g_str_equal(reader->name->str, reader->wanted->str))
		return FALSE;
	const guint8 *question = reader->message + reader->at;
	reader->at += 4;
	return get_u16(question) == dns_type_code(type) && get_u16(question + 2) == CLASS_IN;
}

/* ---- records ---- */

static const struct rr *
rr_at(const struct reader *reader, guint i)
{
	return &g_array_index(reader->records, struct rr, i);
}

static gboolean
is_of_wanted(struct reader *reader, const struct rr *rr, guint16 type)
{
	gsize at = rr->owner;

	return !rr->is_authority && rr->type == type &&
	       dns_name_unpack(reader->message, reader->len, &at, reader->name) &&
	       g_str_equal(reader->name->str, reader->wanted->str);
}

/* The name that fills the record's data from skip on. */
static gboolean
read_name(struct reader *reader, const struct rr *rr, gsize skip)
{
	gsize at = rr->data + skip;

	return rr->data_len > skip &&
	       dns_name_unpack(reader->message, reader->len, &at, reader->name) &&
	       at == rr->data + rr->data_len;
}

static gboolean
read_host(struct reader *reader, const struct rr *rr, gsize skip, struct dns_record *ret_record)
{
	g_autoptr(GString) host = g_string_new(NULL);

	if (!read_name(reader, rr, skip) || !dns_name_fold(reader->name->str, host))
		return FALSE;
	ret_record->text = g_string_chunk_insert(reader->answer->strings, host->str);
	return TRUE;
}

static gboolean
read_ptr(struct reader *reader, const struct rr *rr, struct dns_record *ret_record)
{
	return read_host(reader, rr, 0, ret_record);
}

static gboolean
read_mx(struct reader *reader, const struct rr *rr, struct dns_record *ret_record)
{
	if (rr->data_len < 2)
		return FALSE;
	return read_host(reader, rr, 2, ret_record);
}

static gboolean
read_a(struct reader *reader, const struct rr *rr, struct dns_record *ret_record)
{
	static const guint8 prefix[] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

	if (rr->data_len != 4)
		return FALSE;
	memcpy(ret_record->ip.bytes, prefix, sizeof(prefix));
	memcpy(ret_record->ip.bytes + sizeof(prefix), reader->message + rr->data, 4);
	return TRUE;
}

/* An IPv4 address in IPv6 clothes is no IPv6 address. */
static gboolean
read_aaaa(struct reader *reader, const struct rr *rr, struct dns_record *ret_record)
{
	if (rr->data_len != sizeof(ret_record->ip.bytes))
		return FALSE;
	memcpy(ret_record->ip.bytes, reader->message + rr->data, sizeof(ret_record->ip.bytes));
	return !ip_is_v4(&ret_record->ip) && !ip_is_none(&ret_record->ip);
}

static gboolean
read_txt(struct reader *reader, const struct rr *rr, struct dns_record *ret_record)
{
	const guint8 *data = reader->message + rr->data;
	g_autoptr(GString) text = g_string_new(NULL);

	for (gsize at = 0; at < rr->data_len; at += (gsize)data[at] + 1) {
		if (data[at] >= rr->data_len - at)
			return FALSE;
		for (gsize i = 1; i <= data[at]; i++) {
			char c = (char)data[at + i];
			g_string_append_c(text, g_ascii_isprint(c) ? c : '?');
		}
	}
	ret_record->is_cut = text->len > DNS_TEXT_LEN_MAX;
	if (ret_record->is_cut)
		g_string_truncate(text, DNS_TEXT_LEN_MAX);
	ret_record->text = g_string_chunk_insert(reader->answer->strings, text->str);
	return rr->data_len > 0;
}

static const struct {
	guint16 code;
	gboolean (*read)(struct reader *reader, const struct rr *rr, struct dns_record *ret_record);
} types[N_DNS_TYPES] = {
	[DNS_A] = { 1, read_a },      [DNS_AAAA] = { 28, read_aaaa }, [DNS_PTR] = { 12, read_ptr },
	[DNS_TXT] = { 16, read_txt }, [DNS_MX] = { 15, read_mx },
};

/* TRUE where there is one, even if it had to be dropped. */
static gboolean
take_records(struct reader *reader, enum dns_type type)
{
	struct dns_answer *answer = reader->answer;
	gboolean is_found = FALSE;

	for (guint i = 0; i < reader->records->len; i++) {
		const struct rr *rr = rr_at(reader, i);
		struct dns_record record = { .text = "" };
		if (!is_of_wanted(reader, rr, types[type].code))
			continue;
		is_found = TRUE;
		reader->ttl = MIN(reader->ttl, rr->ttl);
		if (answer->records->len < DNS_RECORDS_MAX && types[type].read(reader, rr, &record))
			g_array_append_val(answer->records, record);
		else
			answer->n_dropped++;
	}
	return is_found;
}

/* Go on with what the wanted name is an alias of; FALSE where it is none. */
static gboolean
follow_alias(struct reader *reader)
{
	for (guint i = 0; i < reader->records->len; i++) {
		const struct rr *rr = rr_at(reader, i);
		if (!is_of_wanted(reader, rr, TYPE_CNAME) || !read_name(reader, rr, 0))
			continue;
		reader->ttl = MIN(reader->ttl, rr->ttl);
		g_string_assign(reader->wanted, reader->name->str);
		return TRUE;
	}
	return FALSE;
}

/* ---- what it means ---- */

/* RFC 2308 section 5: the lower of the SOA's own TTL and its last number. */
static guint32
negative_ttl(struct reader *reader, const struct rr *soa)
{
	gsize at = soa->data;
	gboolean is_read = TRUE;

	for (guint i = 0; i < SOA_NAMES_N && is_read; i++)
		is_read = dns_name_unpack(reader->message, reader->len, &at, reader->name);
	if (!is_read || at + SOA_NUMBERS_LEN != soa->data + soa->data_len)
		return soa->ttl;
	return MIN(soa->ttl, get_ttl(reader->message + at + SOA_NUMBERS_LEN - 4));
}

static void
settle(struct dns_answer *answer, enum dns_state state, guint32 ttl)
{
	answer->state = state;
	answer->reason = DNS_REASON_NONE;
	answer->ttl_s = CLAMP(ttl, DNS_TTL_MIN_S, DNS_TTL_MAX_S);
}

/* RFC 2308 section 2.2: servers of a zone, but no SOA, are a referral and no answer. */
static void
settle_absence(struct reader *reader, gboolean is_no_name)
{
	guint32 ttl = DNS_TTL_DEFAULT_S;
	gboolean has_soa = FALSE;
	gboolean has_ns = FALSE;

	for (guint i = 0; i < reader->records->len; i++) {
		const struct rr *rr = rr_at(reader, i);
		if (rr->is_authority && rr->type == TYPE_NS)
			has_ns = TRUE;
		if (!rr->is_authority || rr->type != TYPE_SOA)
			continue;
		has_soa = TRUE;
		ttl = negative_ttl(reader, rr);
	}
	if (is_no_name || has_soa || !has_ns)
		settle(reader->answer, DNS_NONE, MIN(ttl, reader->ttl));
	else
		reader->answer->reason = DNS_REASON_REFERRAL;
}

static void
settle_success(struct reader *reader, enum dns_type type)
{
	guint n_aliases = 0;
	gboolean has_answers = get_u16(reader->message + 6) > 0;

	while (n_aliases <= DNS_ALIASES_MAX && follow_alias(reader))
		n_aliases++;
	if (n_aliases > DNS_ALIASES_MAX)
		reader->answer->reason = DNS_REASON_LOOP;
	else if (take_records(reader, type))
		settle(reader->answer, DNS_FOUND, reader->ttl);
	else if (n_aliases > 0 || !has_answers)
		settle_absence(reader, FALSE);
}

static void
read_message(struct reader *reader, enum dns_type type)
{
	reader->answer->reason = DNS_REASON_MALFORMED;
	if (!read_head(reader, type))
		return;
	guint8 rcode = reader->message[3] & RCODE_BITS;
	if (rcode != 0 && rcode != RCODE_NXDOMAIN)
		reader->answer->reason =
			rcode == RCODE_SERVFAIL ? DNS_REASON_SERVFAIL : DNS_REASON_REFUSED;
	else if (!read_records(reader))
		return;
	else if (rcode == RCODE_NXDOMAIN)
		settle_absence(reader, TRUE);
	else
		settle_success(reader, type);
}

void
dns_answer_read(struct dns_answer *answer, const guint8 *message, gsize len, enum dns_type type,
		const char *name)
{
	struct reader reader = {
		.message = message,
		.len = len,
		.records = g_array_new(FALSE, FALSE, sizeof(struct rr)),
		.wanted = g_string_new(name),
		.name = g_string_new(NULL),
		.ttl = DNS_TTL_MAX_S,
		.answer = answer,
	};

	read_message(&reader, type);
	g_array_unref(reader.records);
	g_string_free(reader.wanted, TRUE);
	g_string_free(reader.name, TRUE);
}

void
dns_answer_init(struct dns_answer *answer, enum dns_reason reason)
{
	*answer = (struct dns_answer){
		.state = DNS_FAILED,
		.reason = reason,
		.records = g_array_new(FALSE, FALSE, sizeof(struct dns_record)),
		.strings = g_string_chunk_new(STRING_CHUNK_LEN),
	};
}

void
dns_answer_clear(struct dns_answer *answer)
{
	if (!answer->records)
		return;
	g_array_unref(answer->records);
	g_string_chunk_free(answer->strings);
	*answer = (struct dns_answer){ 0 };
}

guint16
dns_type_code(enum dns_type type)
{
	return types[type].code;
}

const char *
dns_reason_name(enum dns_reason reason)
{
	return reason_names[reason];
}
