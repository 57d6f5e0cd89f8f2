/* SPDX-License-Identifier: MIT */
#include "core/compress.h"

#include <zstd.h>

#include "core/error.h"

/* Report XML repeats itself so much that the fastest level packs it twenty to one. */
#define LEVEL 1

struct compressor {
	ZSTD_CCtx *context;
	GByteArray *packed;
};

struct compressor *
compressor_new(void)
{
	struct compressor *compressor = g_new0(struct compressor, 1);

	compressor->context = ZSTD_createCCtx();
	g_assert(compressor->context != NULL);
	ZSTD_CCtx_setParameter(compressor->context, ZSTD_c_compressionLevel, LEVEL);
	compressor->packed = g_byte_array_new();
	return compressor;
}

void
compressor_free(struct compressor *compressor)
{
	if (!compressor)
		return;
	ZSTD_freeCCtx(compressor->context);
	g_byte_array_unref(compressor->packed);
	g_free(compressor);
}

void
compressor_reset(struct compressor *compressor)
{
	ZSTD_CCtx_reset(compressor->context, ZSTD_reset_session_only);
	g_byte_array_set_size(compressor->packed, 0);
}

static void
push(struct compressor *compressor, ZSTD_inBuffer *in, ZSTD_EndDirective mode)
{
	gsize left;

	do {
		guint8 buffer[16384];
		ZSTD_outBuffer out = { buffer, sizeof(buffer), 0 };
		left = ZSTD_compressStream2(compressor->context, &out, in, mode);
		/* With memory in and memory out only a bug of ours can make this fail. */
		g_assert(!ZSTD_isError(left));
		g_byte_array_append(compressor->packed, buffer, (guint)out.pos);
	} while (in->pos < in->size || (mode == ZSTD_e_end && left > 0));
}

void
compressor_add(struct compressor *compressor, gconstpointer bytes, gsize len)
{
	ZSTD_inBuffer in = { bytes, len, 0 };

	if (len > 0)
		push(compressor, &in, ZSTD_e_continue);
}

GBytes *
compressor_finish(struct compressor *compressor)
{
	ZSTD_inBuffer in = { "", 0, 0 };

	push(compressor, &in, ZSTD_e_end);
	GBytes *packed = g_bytes_new(compressor->packed->data, compressor->packed->len);
	compressor_reset(compressor);
	return packed;
}

GBytes *
compress_pack(GBytes *bytes)
{
	g_autoptr(compressor_auto) compressor = compressor_new();
	gsize len;
	gconstpointer data = g_bytes_get_data(bytes, &len);

	compressor_add(compressor, data, len);
	return compressor_finish(compressor);
}

GBytes *
compress_unpack(GBytes *packed, gsize max_len, GError **error)
{
	gsize packed_len;
	gconstpointer data = g_bytes_get_data(packed, &packed_len);
	ZSTD_inBuffer in = { data, packed_len, 0 };
	g_autoptr(GByteArray) out = g_byte_array_new();
	ZSTD_DCtx *context = ZSTD_createDCtx();
	gsize left = 1;

	while (left != 0 && (in.pos < in.size || out->len == 0)) {
		guint8 buffer[65536];
		ZSTD_outBuffer piece = { buffer, sizeof(buffer), 0 };
		gsize before = in.pos;
		left = ZSTD_decompressStream(context, &piece, &in);
		if (ZSTD_isError(left) || (in.pos == before && piece.pos == 0))
			break;
		if (out->len + piece.pos > max_len) {
			ZSTD_freeDCtx(context);
			g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_LIMIT,
				    "kept bytes unpack to more than max_unpacked_bytes "
				    "(%" G_GSIZE_FORMAT ")",
				    max_len);
			return NULL;
		}
		g_byte_array_append(out, buffer, (guint)piece.pos);
	}
	ZSTD_freeDCtx(context);
	if (left != 0) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID, "kept bytes are damaged");
		return NULL;
	}
	return g_byte_array_free_to_bytes(g_steal_pointer(&out));
}
