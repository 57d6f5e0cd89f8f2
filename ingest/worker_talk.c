/* SPDX-License-Identifier: MIT */
#include "ingest/worker_talk.h"

#include <string.h>

#include "core/text.h"
#include "core/wire.h"

/* "DMAR", little endian. */
#define MAGIC 0x52414d44u

/* Settings and hello are small. */
#define TALK_BYTES_MAX (1 << 20)

static void
put_version(struct wire_out *out)
{
	wire_put_u32(out, MAGIC);
	wire_put_u32(out, WIRE_VERSION);
	wire_put_text(out, DMARCD_VERSION);
}

/* The same program on both sides, or nothing. */
static void
get_version(struct wire_in *in)
{
	wire_in_begin(in, TALK_BYTES_MAX);
	guint32 magic = wire_get_u32(in);
	guint32 version = wire_is_good(in) && magic == MAGIC ? wire_get_u32(in) : 0;

	if (magic != MAGIC)
		wire_refuse(in, "it does not speak as a worker of dmarcd does");
	g_autofree char *name = version == WIRE_VERSION ? wire_get_new_text(in) : g_strdup("");
	if (!g_str_equal(name, DMARCD_VERSION))
		wire_refuse(in, "worker and parent are of different versions of dmarcd; restart");
}

/* ---- settings ---- */

gboolean
talk_send_settings(struct wire_out *out, const struct worker_options *options, GError **error)
{
	const char *const *names = options->parse.trusted_authserv;
	guint n_names = names ? g_strv_length((char **)(guintptr)names) : 0;

	put_version(out);
	for (gsize i = 0; i < n_worker_limits; i++)
		wire_put_i64(out, worker_limit_get(options, &worker_limits[i]));
	wire_put_u8(out, options->parse.want_raw ? 1 : 0);
	wire_put_u8(out, options->is_sealed ? 1 : 0);
	wire_put_u32(out, n_names);
	for (guint i = 0; i < n_names; i++)
		wire_put_text(out, names[i]);
	return wire_out_flush(out, error);
}

gboolean
talk_read_settings(struct wire_in *in, GStringChunk *strings, GPtrArray *names,
		   struct worker_options *ret_options, GError **error)
{
	get_version(in);
	*ret_options = worker_default_options;
	for (gsize i = 0; i < n_worker_limits; i++)
		worker_limit_set(ret_options, &worker_limits[i], wire_get_i64(in));
	ret_options->parse.want_raw = wire_get_u8(in) == 1;
	ret_options->is_sealed = wire_get_u8(in) == 1;
	guint32 n_names = wire_get_u32(in);
	for (guint32 i = 0; i < n_names && wire_is_good(in); i++)
		g_ptr_array_add(names, (gpointer)(guintptr)wire_get_text(in, strings));
	if (names->len > 0) {
		g_ptr_array_add(names, NULL);
		ret_options->parse.trusted_authserv = (const char *const *)names->pdata;
	}
	return wire_in_finish(in, error);
}

/* ---- hello ---- */

gboolean
talk_send_hello(struct wire_out *out, const struct sandbox_state *state, GError **error)
{
	put_version(out);
	for (gsize i = 0; i < N_SANDBOX_LAYERS; i++) {
		wire_put_u8(out, state->is_live[i] ? 1 : 0);
		wire_put_u8(out, state->is_left_out[i] ? 1 : 0);
		wire_put_text(out, state->why[i]);
	}
	return wire_out_flush(out, error);
}

gboolean
talk_read_hello(struct wire_in *in, struct sandbox_state *ret_state, GError **error)
{
	get_version(in);
	for (gsize i = 0; i < N_SANDBOX_LAYERS; i++) {
		ret_state->is_live[i] = wire_get_u8(in) == 1;
		ret_state->is_left_out[i] = wire_get_u8(in) == 1;
		g_autofree char *why = wire_get_new_text(in);
		g_autoptr(GString) clean = g_string_new(NULL);
		text_clean(why, strlen(why), clean);
		g_strlcpy(ret_state->why[i], clean->str, SANDBOX_WHY_LEN);
	}
	return wire_in_finish(in, error);
}
