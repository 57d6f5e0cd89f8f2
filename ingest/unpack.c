/* SPDX-License-Identifier: MIT */
#include "ingest/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <gio/gio.h>

#include "core/error.h"

/* All files of an archive together, in units of max_unpacked_bytes. */
#define TOTAL_FACTOR 4
/* libarchive counts the file itself as a filter; gzip in gzip in gzip is still let in. */
#define FILTERS_MAX    4
#define ZLIB_PIECE_LEN 65536

struct unpack {
	struct archive *archive;
	GBytes *bytes;
	gsize max_entry_bytes;
	guint max_entries;
	guint entries;
	gsize entry_bytes;
	gsize total_bytes;
	char *name;
};

static void
set_limit_error(GError **error, const char *limit, gsize value)
{
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_LIMIT, "over %s (%" G_GSIZE_FORMAT ")", limit,
		    value);
}

static void
set_archive_error(struct unpack *unpack, GError **error)
{
	const char *text = archive_error_string(unpack->archive);

	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID, "damaged archive: %s",
		    text ? text : "cannot be read");
}

struct unpack *
unpack_open(GBytes *bytes, const struct parse_limits *limits, GError **error)
{
	gsize len;
	gconstpointer data = g_bytes_get_data(bytes, &len);
	struct unpack *unpack = g_new0(struct unpack, 1);

	unpack->bytes = g_bytes_ref(bytes);
	unpack->max_entry_bytes = limits->unpacked_bytes;
	unpack->max_entries = limits->entries;
	unpack->archive = archive_read_new();
	archive_read_support_filter_gzip(unpack->archive);
	archive_read_support_filter_bzip2(unpack->archive);
	archive_read_support_filter_xz(unpack->archive);
	archive_read_support_filter_zstd(unpack->archive);
	archive_read_support_format_zip(unpack->archive);
	archive_read_support_format_raw(unpack->archive);
	if (archive_read_open_memory(unpack->archive, data, len) == ARCHIVE_OK)
		return unpack;
	set_archive_error(unpack, error);
	unpack_close(unpack);
	return NULL;
}

void
unpack_close(struct unpack *unpack)
{
	if (!unpack)
		return;
	archive_read_free(unpack->archive);
	g_bytes_unref(unpack->bytes);
	g_free(unpack->name);
	g_free(unpack);
}

/* What macOS adds to every zip, and folders. */
static gboolean
is_clutter(struct archive_entry *entry, const char *name)
{
	const char *base = strrchr(name, '/');

	base = base ? base + 1 : name;
	return archive_entry_filetype(entry) == AE_IFDIR || g_str_has_prefix(name, "__MACOSX/") ||
	       g_str_has_prefix(base, "._");
}

static gboolean
check_entry(struct unpack *unpack, struct archive_entry *entry, GError **error)
{
	if (++unpack->entries > unpack->max_entries) {
		set_limit_error(error, "max_entries", unpack->max_entries);
		return FALSE;
	}
	if (archive_filter_count(unpack->archive) > FILTERS_MAX) {
		set_limit_error(error, "max_nesting", FILTERS_MAX - 1);
		return FALSE;
	}
	if (archive_entry_is_data_encrypted(entry)) {
		g_set_error_literal(error, DMARCD_ERROR, DMARCD_ERROR_INVALID,
				    "archive is encrypted");
		return FALSE;
	}
	return TRUE;
}

enum unpack_step
unpack_next(struct unpack *unpack, const char **ret_name, GError **error)
{
	struct archive_entry *entry;
	int result;

	while ((result = archive_read_next_header(unpack->archive, &entry)) == ARCHIVE_OK ||
	       result == ARCHIVE_WARN) {
		if (!check_entry(unpack, entry, error))
			return UNPACK_FAILED;
		gboolean is_raw = archive_format(unpack->archive) == ARCHIVE_FORMAT_RAW;
		const char *name = is_raw ? "" : archive_entry_pathname(entry);
		if (name && is_clutter(entry, name))
			continue;
		g_free(unpack->name);
		unpack->name = g_strdup(name ? name : "");
		unpack->entry_bytes = 0;
		*ret_name = unpack->name;
		return UNPACK_ENTRY;
	}
	if (result == ARCHIVE_EOF)
		return UNPACK_END;
	set_archive_error(unpack, error);
	return UNPACK_FAILED;
}

static gboolean
count_bytes(struct unpack *unpack, gsize len, GError **error)
{
	unpack->entry_bytes += len;
	unpack->total_bytes += len;
	if (unpack->entry_bytes > unpack->max_entry_bytes) {
		set_limit_error(error, "max_unpacked_bytes", unpack->max_entry_bytes);
		return FALSE;
	}
	if (unpack->total_bytes / TOTAL_FACTOR > unpack->max_entry_bytes) {
		set_limit_error(error, "four times max_unpacked_bytes for the whole archive",
				unpack->max_entry_bytes);
		return FALSE;
	}
	return TRUE;
}

gboolean
unpack_read(struct unpack *unpack, const guint8 **ret_piece, gsize *ret_len, GError **error)
{
	const void *piece;
	size_t len;
	la_int64_t offset;
	int result;

	do {
		result = archive_read_data_block(unpack->archive, &piece, &len, &offset);
	} while (result == ARCHIVE_OK && len == 0);
	if (result == ARCHIVE_EOF) {
		*ret_len = 0;
		return TRUE;
	}
	if (result != ARCHIVE_OK) {
		set_archive_error(unpack, error);
		return FALSE;
	}
	*ret_piece = piece;
	*ret_len = len;
	return count_bytes(unpack, len, error);
}

GBytes *
unpack_zlib(GBytes *bytes, const struct parse_limits *limits, GError **error)
{
	g_autoptr(GError) cause = NULL;
	g_autoptr(GZlibDecompressor) inflate =
		g_zlib_decompressor_new(G_ZLIB_COMPRESSOR_FORMAT_ZLIB);
	g_autoptr(GInputStream) packed = g_memory_input_stream_new_from_bytes(bytes);
	g_autoptr(GInputStream) stream = g_converter_input_stream_new(packed, G_CONVERTER(inflate));
	g_autoptr(GByteArray) out = g_byte_array_new();
	guint8 piece[ZLIB_PIECE_LEN];
	gssize len;

	while ((len = g_input_stream_read(stream, piece, sizeof(piece), NULL, &cause)) > 0) {
		if (out->len + (gsize)len > limits->unpacked_bytes) {
			set_limit_error(error, "max_unpacked_bytes", limits->unpacked_bytes);
			return NULL;
		}
		g_byte_array_append(out, piece, (guint)len);
	}
	if (len < 0) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID, "damaged zlib data: %s",
			    cause->message);
		return NULL;
	}
	return g_byte_array_free_to_bytes(g_steal_pointer(&out));
}
