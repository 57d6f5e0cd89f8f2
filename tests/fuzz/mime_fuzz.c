/* SPDX-License-Identifier: MIT */
/* The parts of a mail: every one is inside its limits. */
#include <string.h>

#include "ingest/mime.h"
#include "ingest/prose.h"

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize len);

#define PARTS_MAX 100

static void
on_part(gpointer cookie, const struct mime_mail *mail, const struct mime_part *part)
{
	guint *sum = cookie;

	g_assert_true(part->number <= PARTS_MAX);
	g_assert_true(g_utf8_validate(part->name, -1, NULL));
	g_assert_nonnull(mail->head);
	for (gsize i = 0; i < part->len; i++)
		*sum += part->bytes[i];
}

static void
on_returned(gpointer cookie, const struct mime_mail *mail, const char *type)
{
	(void)cookie;
	g_assert_true(g_str_has_prefix(type, "message/"));
	g_assert_nonnull(mail->report);
}

static void
on_mail(gpointer cookie, const struct mime_mail *mail)
{
	(void)cookie;
	g_assert_null(mail->outer);
}

int
LLVMFuzzerTestOneInput(const guint8 *bytes, gsize len)
{
	struct parse_limits limits = parse_default_limits;
	g_autoptr(GError) error = NULL;
	guint sum = 0;

	parse_init();
	limits.parts = PARTS_MAX;
	struct mime_walk walk = {
		.limits = &limits,
		.cookie = &sum,
		.on_part = on_part,
		.on_returned = on_returned,
		.is_returning = bounce_text_is_likely,
		.on_mail = on_mail,
	};
	g_assert_true(mime_walk(&walk, NULL, bytes, len, &error) == (error == NULL));
	return 0;
}
