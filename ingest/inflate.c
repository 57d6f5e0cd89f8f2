/* SPDX-License-Identifier: MIT */
#include "ingest/inflate.h"

#include <gio/gio.h>

#include "core/error.h"

struct inflate {
	GConverter *converter;
	const char *name;
	const guint8 *bytes;
	gsize len;
	gboolean is_gzip;
	gboolean has_ended;
};

struct inflate *
inflate_new(const guint8 *bytes, gsize len, gboolean is_gzip)
{
	struct inflate *inflate = g_new0(struct inflate, 1);

	inflate->converter = G_CONVERTER(g_zlib_decompressor_new(
		is_gzip ? G_ZLIB_COMPRESSOR_FORMAT_GZIP : G_ZLIB_COMPRESSOR_FORMAT_ZLIB));
	inflate->name = is_gzip ? "gzip" : "zlib";
	inflate->bytes = bytes;
	inflate->len = len;
	inflate->is_gzip = is_gzip;
	return inflate;
}

void
inflate_free(struct inflate *inflate)
{
	if (!inflate)
		return;
	g_object_unref(inflate->converter);
	g_free(inflate);
}

/* RFC 1952 section 2.2: members simply follow each other. */
static void
end_member(struct inflate *inflate)
{
	gboolean has_next = inflate->is_gzip && inflate->len >= 2 && inflate->bytes[0] == 0x1f &&
			    inflate->bytes[1] == 0x8b;

	inflate->has_ended = !has_next;
	if (has_next)
		g_converter_reset(inflate->converter);
}

gboolean
inflate_read(struct inflate *inflate, guint8 *buffer, gsize size, gsize *ret_len, GError **error)
{
	gsize n = 0;

	while (n < size && !inflate->has_ended) {
		g_autoptr(GError) cause = NULL;
		gsize n_in = 0;
		gsize n_out = 0;
		GConverterResult result = g_converter_convert(
			inflate->converter, inflate->bytes, inflate->len, buffer + n, size - n,
			G_CONVERTER_INPUT_AT_END, &n_in, &n_out, &cause);
		if (result == G_CONVERTER_ERROR) {
			gboolean is_short =
				inflate->len == 0 ||
				g_error_matches(cause, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT);
			g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID, "%s stream %s",
				    inflate->name, is_short ? "ends early" : "is damaged");
			return FALSE;
		}
		inflate->bytes += n_in;
		inflate->len -= n_in;
		n += n_out;
		if (result == G_CONVERTER_FINISHED)
			end_member(inflate);
	}
	*ret_len = n;
	return TRUE;
}

gboolean
inflate_has_garbage(const struct inflate *inflate)
{
	if (!inflate->has_ended)
		return FALSE;
	for (gsize i = 0; i < inflate->len; i++)
		if (inflate->bytes[i] != 0)
			return TRUE;
	return FALSE;
}
