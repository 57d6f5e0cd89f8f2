/* SPDX-License-Identifier: MIT */
#include "ingest/worker_options.h"

#define MIB (G_GINT64_CONSTANT(1) << 20)

/* GLib's byte arrays hold less than 4 GiB. */
#define BYTES_MAX (2048 * MIB)

const struct worker_options worker_default_options = {
	.parse = {
		.mail_bytes = 40 << 20,
		.header_bytes = 1 << 20,
		.parts = 1000,
		.mime_depth = 32,
		.unpacked_bytes = 64 << 20,
		.total_bytes = 256 << 20,
		.entries = 1000,
		.nesting = 3,
		.xml_depth = 64,
		.records = 1000000,
		.xml_name_bytes = 256 << 10,
		.json_bytes = 4 << 20,
		.tls_policies = 1000,
		.tls_failures = 100000,
	},
	.parse_seconds = 60,
	.parse_cpu_seconds = 20,
	.worker_memory = 512 << 20,
	.wire_bytes = 256 << 20,
	.is_sealed = TRUE,
};

/* A copy, and what it points to. */
struct owned_options {
	struct worker_options options; /* the first member: what callers see */
	GStrv trusted_authserv;
	char *program;
};

struct worker_options *
worker_options_copy(const struct worker_options *options)
{
	struct owned_options *copy = g_new0(struct owned_options, 1);
	g_autoptr(GStrvBuilder) names = g_strv_builder_new();
	const char *const *name = options->parse.trusted_authserv;

	for (; name && *name; name++)
		g_strv_builder_add(names, *name);
	copy->trusted_authserv = g_strv_builder_end(names);
	copy->program = g_strdup(options->program);
	copy->options = *options;
	copy->options.parse.trusted_authserv = (const char *const *)copy->trusted_authserv;
	copy->options.program = copy->program;
	return &copy->options;
}

void
worker_options_free(struct worker_options *copy)
{
	struct owned_options *owned = (struct owned_options *)copy;

	if (!owned)
		return;
	g_strfreev(owned->trusted_authserv);
	g_free(owned->program);
	g_free(owned);
}

#define OFFSET(member) G_STRUCT_OFFSET(struct worker_options, member)

const struct worker_limit worker_limits[] = {
	{ "max_mail_bytes", OFFSET(parse.mail_bytes), TRUE, 1024, BYTES_MAX },
	{ "max_header_bytes", OFFSET(parse.header_bytes), TRUE, 1024, BYTES_MAX },
	{ "max_parts", OFFSET(parse.parts), FALSE, 1, 1000000 },
	{ "max_mime_depth", OFFSET(parse.mime_depth), FALSE, 1, 256 },
	{ "max_unpacked_bytes", OFFSET(parse.unpacked_bytes), TRUE, 1024, BYTES_MAX },
	{ "max_total_unpacked_bytes", OFFSET(parse.total_bytes), TRUE, 1024, 16 * BYTES_MAX },
	{ "max_entries", OFFSET(parse.entries), FALSE, 1, 1000000 },
	{ "max_nesting", OFFSET(parse.nesting), FALSE, 1, 16 },
	{ "max_xml_depth", OFFSET(parse.xml_depth), FALSE, 8, 256 },
	{ "max_records", OFFSET(parse.records), FALSE, 1, 100000000 },
	{ "max_xml_name_bytes", OFFSET(parse.xml_name_bytes), TRUE, 64 * 1024, 64 * MIB },
	{ "max_tls_policies", OFFSET(parse.tls_policies), FALSE, 1, 1000000 },
	{ "max_tls_failures", OFFSET(parse.tls_failures), FALSE, 1, 10000000 },
	{ "max_json_bytes", OFFSET(parse.json_bytes), TRUE, 1024, BYTES_MAX },
	{ "max_parse_seconds", OFFSET(parse_seconds), FALSE, 1, 3600 },
	{ "max_parse_cpu_seconds", OFFSET(parse_cpu_seconds), FALSE, 1, 3600 },
	{ "max_worker_memory", OFFSET(worker_memory), TRUE, 128 * MIB, 64 * BYTES_MAX },
	{ "max_wire_bytes", OFFSET(wire_bytes), TRUE, MIB, BYTES_MAX },
};
const gsize n_worker_limits = G_N_ELEMENTS(worker_limits);

gint64
worker_limit_get(const struct worker_options *options, const struct worker_limit *limit)
{
	if (limit->is_size)
		return (gint64)G_STRUCT_MEMBER(gsize, options, limit->offset);
	return G_STRUCT_MEMBER(guint, options, limit->offset);
}

void
worker_limit_set(struct worker_options *options, const struct worker_limit *limit, gint64 value)
{
	if (limit->is_size)
		G_STRUCT_MEMBER(gsize, options, limit->offset) = (gsize)value;
	else
		G_STRUCT_MEMBER(guint, options, limit->offset) = (guint)value;
}
