/* SPDX-License-Identifier: MIT */
#include "ingest/unpack.h"

#include <string.h>

#include <archive.h>
#include <archive_entry.h>

#include "core/error.h"
#include "core/text.h"
#include "ingest/inflate.h"

#define PIECE_LEN 32768

/* How one sort of archive is read. */
struct method {
	gboolean (*open)(struct unpack *unpack, GError **error);
	enum unpack_step (*next)(struct unpack *unpack, GError **error);
	gboolean (*read)(struct unpack *unpack, const guint8 **ret_bytes, gsize *ret_len,
			 GError **error);
};

struct unpack {
	const guint8 *bytes;
	gsize len;
	enum sniff kind;
	struct unpack_budget *budget;
	const struct method *method;
	struct inflate *inflate;
	struct archive *archive;
	guint8 *buffer;
	GString *name;
	struct unpack_entry entry;
	guint position; /* members passed in the archive, those that are skipped included */
	gsize entry_bytes;
	gboolean is_read; /* as-is and inflate: the one entry was given out */
	gboolean is_encrypted;
	gboolean is_broken; /* the archive reader cannot go on */
	gboolean has_peeked;
	const guint8 *peeked;
	gsize peeked_len;
};

/* ---- bytes that are no archive ---- */

static gboolean
plain_open(struct unpack *unpack, GError **error)
{
	(void)error;
	unpack->is_read = FALSE;
	return TRUE;
}

/* One entry without a name: what gzip, zlib and plain bytes are. */
static enum unpack_step
single_next(struct unpack *unpack, GError **error)
{
	(void)error;
	return unpack->position++ == 0 ? UNPACK_ENTRY : UNPACK_END;
}

static gboolean
plain_read(struct unpack *unpack, const guint8 **ret_bytes, gsize *ret_len, GError **error)
{
	(void)error;
	*ret_bytes = unpack->bytes;
	*ret_len = unpack->is_read ? 0 : unpack->len;
	unpack->is_read = TRUE;
	return TRUE;
}

/* ---- gzip and zlib ---- */

static gboolean
inflate_open(struct unpack *unpack, GError **error)
{
	(void)error;
	unpack->inflate = inflate_new(unpack->bytes, unpack->len, unpack->kind == SNIFF_GZIP);
	if (!unpack->buffer)
		unpack->buffer = g_malloc(PIECE_LEN);
	return TRUE;
}

static gboolean
inflate_read_piece(struct unpack *unpack, const guint8 **ret_bytes, gsize *ret_len, GError **error)
{
	*ret_bytes = unpack->buffer;
	return inflate_read(unpack->inflate, unpack->buffer, PIECE_LEN, ret_len, error);
}

/* ---- all that libarchive reads ---- */

struct format {
	enum sniff kind;
	int filter; /* 0 for none */
	int (*support)(struct archive *archive);
};

/*
 * Exactly one filter and one format: libarchive would unwrap layer after layer by itself, where
 * neither their number nor their size could be counted, and takes a run of NUL for an empty tar.
 */
static const struct format formats[] = {
	{ SNIFF_ZIP, 0, archive_read_support_format_zip },
	{ SNIFF_TAR, 0, archive_read_support_format_tar },
	{ SNIFF_BZIP2, ARCHIVE_FILTER_BZIP2, archive_read_support_format_raw },
	{ SNIFF_XZ, ARCHIVE_FILTER_XZ, archive_read_support_format_raw },
	{ SNIFF_ZSTD, ARCHIVE_FILTER_ZSTD, archive_read_support_format_raw },
};

/* The library's words may quote the archive. */
static void
set_archive_error(struct unpack *unpack, GError **error)
{
	g_autoptr(GString) why = g_string_new(NULL);
	const char *text = archive_error_string(unpack->archive);

	text_clean(text ? text : "", text ? strlen(text) : 0, why);
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID, "%s archive is damaged: %s",
		    sniff_name(unpack->kind), why->len > 0 ? why->str : "no reason given");
}

static gboolean
archive_open(struct unpack *unpack, GError **error)
{
	const struct format *format = formats;

	while (format->kind != unpack->kind)
		format++;
	unpack->archive = archive_read_new();
	format->support(unpack->archive);
	if (format->filter != 0)
		archive_read_append_filter(unpack->archive, format->filter);
	if (archive_read_open_memory(unpack->archive, unpack->bytes, unpack->len) == ARCHIVE_OK)
		return TRUE;
	set_archive_error(unpack, error);
	return FALSE;
}

/* Not worth reading: folders, links, and what macOS puts beside each file. */
static gboolean
is_beside_the_point(struct archive_entry *entry, const char *name)
{
	const char *slash = strrchr(name, '/');
	const char *base = slash ? slash + 1 : name;

	return archive_entry_filetype(entry) != AE_IFREG || g_str_has_suffix(name, "/") ||
	       g_str_has_prefix(base, "._") || g_str_has_prefix(name, "__MACOSX/") ||
	       g_str_equal(base, ".DS_Store");
}

static enum unpack_step
archive_next(struct unpack *unpack, GError **error)
{
	for (;;) {
		struct archive_entry *entry;
		int result = archive_read_next_header(unpack->archive, &entry);
		if (result == ARCHIVE_EOF)
			return UNPACK_END;
		if (result != ARCHIVE_OK && result != ARCHIVE_WARN) {
			set_archive_error(unpack, error);
			return UNPACK_FAILED;
		}
		if (++unpack->budget->entries > unpack->budget->limits->entries) {
			g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_LIMIT,
				    "number of entries is over max_entries (%u)",
				    unpack->budget->limits->entries);
			return UNPACK_FAILED;
		}
		unpack->position++;
		unpack->is_encrypted = archive_entry_is_data_encrypted(entry) != 0;
		const char *name = archive_entry_pathname(entry);
		if (!name)
			name = "";
		if (is_beside_the_point(entry, name))
			continue;
		g_string_truncate(unpack->name, 0);
		if (archive_filter_code(unpack->archive, 0) == ARCHIVE_FILTER_NONE)
			text_clean(name, strlen(name), unpack->name);
		return UNPACK_ENTRY;
	}
}

static gboolean
archive_read(struct unpack *unpack, const guint8 **ret_bytes, gsize *ret_len, GError **error)
{
	const void *bytes;
	gsize len;
	la_int64_t offset;
	int result;

	do {
		result = archive_read_data_block(unpack->archive, &bytes, &len, &offset);
	} while (result == ARCHIVE_OK && len == 0);
	if (result == ARCHIVE_OK) {
		*ret_bytes = bytes;
		*ret_len = len;
		return TRUE;
	}
	if (result == ARCHIVE_EOF) {
		*ret_len = 0;
		return TRUE;
	}
	if (unpack->is_encrypted)
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID, "%s entry is encrypted",
			    sniff_name(unpack->kind));
	else
		set_archive_error(unpack, error);
	return FALSE;
}

/* ---- the frame around all of them ---- */

static const struct method plain_method = { plain_open, single_next, plain_read };
static const struct method inflate_method = { inflate_open, single_next, inflate_read_piece };
static const struct method archive_method = { archive_open, archive_next, archive_read };

static const struct method *
find_method(enum sniff kind)
{
	if (!sniff_is_archive(kind))
		return &plain_method;
	return kind == SNIFF_GZIP || kind == SNIFF_ZLIB ? &inflate_method : &archive_method;
}

static void
shut(struct unpack *unpack)
{
	g_clear_pointer(&unpack->inflate, inflate_free);
	if (unpack->archive)
		archive_read_free(unpack->archive);
	unpack->archive = NULL;
	unpack->position = 0;
}

struct unpack *
unpack_open(const guint8 *bytes, gsize len, enum sniff kind, struct unpack_budget *budget,
	    GError **error)
{
	g_autoptr(unpack_auto) unpack = g_new0(struct unpack, 1);

	unpack->bytes = bytes;
	unpack->len = len;
	unpack->kind = kind;
	unpack->budget = budget;
	unpack->name = g_string_new(NULL);
	unpack->method = find_method(kind);
	if (!unpack->method->open(unpack, error))
		return NULL;
	return g_steal_pointer(&unpack);
}

void
unpack_close(struct unpack *unpack)
{
	if (!unpack)
		return;
	shut(unpack);
	g_free(unpack->buffer);
	g_string_free(unpack->name, TRUE);
	g_free(unpack);
}

static void
begin_entry(struct unpack *unpack)
{
	unpack->entry_bytes = 0;
	unpack->has_peeked = FALSE;
}

enum unpack_step
unpack_next(struct unpack *unpack, const struct unpack_entry **ret_entry, GError **error)
{
	enum unpack_step step =
		unpack->is_broken ? UNPACK_END : unpack->method->next(unpack, error);

	if (step == UNPACK_ENTRY) {
		begin_entry(unpack);
		unpack->entry.number++;
		unpack->entry.name = unpack->name->str;
		*ret_entry = &unpack->entry;
	}
	unpack->is_broken = step == UNPACK_FAILED;
	return step;
}

static gboolean
is_within_limits(struct unpack *unpack, gsize len, GError **error)
{
	const struct parse_limits *limits = unpack->budget->limits;

	/* What is not packed was counted when it came in. */
	if (unpack->method != &plain_method)
		unpack->budget->total_bytes += len;
	unpack->entry_bytes += len;
	if (unpack->entry_bytes > limits->unpacked_bytes) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_LIMIT,
			    "unpacked size is over max_unpacked_bytes (%" G_GSIZE_FORMAT ")",
			    limits->unpacked_bytes);
		return FALSE;
	}
	if (unpack->budget->total_bytes > limits->total_bytes) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_LIMIT,
			    "unpacked size of all entries is over max_total_unpacked_bytes "
			    "(%" G_GSIZE_FORMAT ")",
			    limits->total_bytes);
		return FALSE;
	}
	return TRUE;
}

gboolean
unpack_read(struct unpack *unpack, const guint8 **ret_bytes, gsize *ret_len, GError **error)
{
	if (unpack->has_peeked) {
		unpack->has_peeked = FALSE;
		*ret_bytes = unpack->peeked;
		*ret_len = unpack->peeked_len;
		return TRUE;
	}
	return unpack->method->read(unpack, ret_bytes, ret_len, error) &&
	       is_within_limits(unpack, *ret_len, error);
}

gboolean
unpack_peek(struct unpack *unpack, const guint8 **ret_bytes, gsize *ret_len, GError **error)
{
	if (!unpack_read(unpack, &unpack->peeked, &unpack->peeked_len, error))
		return FALSE;
	unpack->has_peeked = TRUE;
	*ret_bytes = unpack->peeked;
	*ret_len = unpack->peeked_len;
	return TRUE;
}

gboolean
unpack_again(struct unpack *unpack, GError **error)
{
	guint position = unpack->position;
	guint entries = unpack->budget->entries;

	shut(unpack);
	begin_entry(unpack);
	if (!unpack->method->open(unpack, error))
		return FALSE;
	/* Entries were counted the first time. */
	unpack->budget->entries = 0;
	while (unpack->position < position && unpack->method->next(unpack, error) == UNPACK_ENTRY)
		;
	unpack->budget->entries = entries;
	return unpack->position == position;
}

GByteArray *
unpack_gather(struct unpack *unpack, GError **error)
{
	g_autoptr(GByteArray) all = g_byte_array_new();
	const guint8 *bytes;
	gsize len;

	for (;;) {
		if (!unpack_read(unpack, &bytes, &len, error))
			return NULL;
		if (len == 0)
			return g_steal_pointer(&all);
		g_byte_array_append(all, bytes, (guint)len);
	}
}

enum sniff
unpack_kind(const struct unpack *unpack)
{
	return unpack->kind;
}

gboolean
unpack_has_garbage(const struct unpack *unpack)
{
	return unpack->inflate && inflate_has_garbage(unpack->inflate);
}
