/* SPDX-License-Identifier: MIT */
#include "ingest/dmarc_names.h"

#include <string.h>

#include "core/text.h"

#define N_SLOTS 1024 /* a power of two; a report has some dozen words that come again and again */

/* Bytes that were seen in this document and are, unchanged, a name. */
struct slot {
	guint64 hash;
	const char *text;
	guint32 len;
	guint32 index;
	guint32 generation;
	gboolean is_folded; /* being a word or a domain would not change it */
};

struct names {
	struct document *document;
	struct oddities *oddities;
	GHashTable *indexes; /* const char * in the document -> index */
	GString *clean;
	guint32 generation;
	struct slot slots[N_SLOTS];
};

static guint64 seed;

static guint
hash_string(gconstpointer text)
{
	return (guint)names_hash(text, strlen(text));
}

void
names_init(void)
{
	seed = ((guint64)g_random_int() << 32) | g_random_int();
}

struct names *
names_new(void)
{
	struct names *names = g_new0(struct names, 1);

	names->indexes = g_hash_table_new(hash_string, g_str_equal);
	names->clean = g_string_new(NULL);
	return names;
}

void
names_free(struct names *names)
{
	if (!names)
		return;
	g_hash_table_unref(names->indexes);
	g_string_free(names->clean, TRUE);
	g_free(names);
}

void
names_start(struct names *names, struct document *document, struct oddities *oddities)
{
	names->document = document;
	names->oddities = oddities;
	g_hash_table_remove_all(names->indexes);
	if (++names->generation == 0) {
		/* After 2^32 documents a stale slot could pass for a fresh one. */
		memset(names->slots, 0, sizeof(names->slots));
		names->generation = 1;
	}
}

guint64
names_hash(gconstpointer bytes, gsize len)
{
	const guint8 *p = bytes;
	guint64 hash = seed ^ len;
	guint64 word;

	for (; len >= sizeof(word); p += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		hash = (hash ^ word) * G_GUINT64_CONSTANT(0x9e3779b97f4a7c15);
		hash ^= hash >> 29;
	}
	word = 0;
	memcpy(&word, p, len);
	hash = (hash ^ word) * G_GUINT64_CONSTANT(0xbf58476d1ce4e5b9);
	hash ^= hash >> 32;
	hash *= G_GUINT64_CONSTANT(0x94d049bb133111eb);
	return hash ^ (hash >> 29);
}

/* One domain has one spelling here: RFC 5890 A-labels, so that U-labels compare equal to them. */
static void
fold_domain(GString *text)
{
	text_fold_domain(text);
	if (!g_hostname_is_non_ascii(text->str))
		return;
	g_autofree char *ascii = g_hostname_to_ascii(text->str);
	if (ascii)
		g_string_assign(text, ascii);
}

const GString *
names_clean(struct names *names, const char *bytes, gsize len, enum name_form form)
{
	GString *clean = names->clean;

	g_string_truncate(clean, 0);
	if (!text_clean(bytes, len, clean))
		oddities_note(names->oddities,
			      len > TEXT_LEN_MAX ? ODDITY_TEXT_CUT : ODDITY_TEXT_REPAIRED,
			      clean->str, clean->len);
	if (form == NAME_WORD)
		g_string_ascii_down(clean);
	else if (form == NAME_DOMAIN)
		fold_domain(clean);
	return clean;
}

static guint32
add_name(struct names *names, const GString *text)
{
	struct document *document = names->document;
	GPtrArray *all = document->report.names;
	gpointer index;

	if (text->len == 0)
		return 0;
	if (g_hash_table_lookup_extended(names->indexes, text->str, NULL, &index))
		return GPOINTER_TO_UINT(index);
	char *kept = g_string_chunk_insert_len(document->strings, text->str, (gssize)text->len);
	g_hash_table_insert(names->indexes, kept, GUINT_TO_POINTER(all->len));
	g_ptr_array_add(all, kept);
	return all->len - 1;
}

static gboolean
is_folded(const GString *text)
{
	for (gsize i = 0; i < text->len; i++)
		if (g_ascii_isupper(text->str[i]) || (guchar)text->str[i] >= 0x80)
			return FALSE;
	return text->len > 0 && text->len <= DOMAIN_LEN_MAX && text->str[text->len - 1] != '.';
}

static void
fill_slot(struct names *names, struct slot *slot, guint64 hash, guint32 index)
{
	const GString *text = names->clean;

	slot->hash = hash;
	slot->text = report_name(&names->document->report, index);
	slot->len = (guint32)text->len;
	slot->index = index;
	slot->generation = names->generation;
	slot->is_folded = is_folded(text);
}

guint32
names_intern(struct names *names, const char *bytes, gsize len, enum name_form form)
{
	if (len == 0)
		return 0;
	guint64 hash = names_hash(bytes, len);
	struct slot *slot = &names->slots[hash & (N_SLOTS - 1)];
	if (slot->hash == hash && slot->generation == names->generation && slot->len == len &&
	    (form == NAME_TEXT || slot->is_folded) && memcmp(slot->text, bytes, len) == 0)
		return slot->index;

	const GString *text = names_clean(names, bytes, len, form);
	if (form == NAME_DOMAIN && text->len > DOMAIN_LEN_MAX) {
		oddities_note(names->oddities, ODDITY_DOMAIN_TOO_LONG, text->str, text->len);
		return 0;
	}
	guint32 index = add_name(names, text);
	if (text->len == len && memcmp(text->str, bytes, len) == 0)
		fill_slot(names, slot, hash, index);
	return index;
}
