/* SPDX-License-Identifier: MIT */
/* An mbox gives the same mails in one piece and byte by byte. */
#include "ingest/mbox.h"

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize len);

#define MAIL_MAX 4096

static void
take_mails(struct mbox *mbox, GString *out)
{
	enum mbox_step step;

	do {
		g_autoptr(GBytes) mail = NULL;
		step = mbox_next(mbox, &mail);
		if (step == MBOX_MAIL) {
			gsize len;
			const char *bytes = g_bytes_get_data(mail, &len);
			g_assert(len <= MAIL_MAX);
			g_string_append_len(out, bytes, (gssize)len);
		}
		g_string_append_c(out, (gchar)('0' + step));
	} while (step != MBOX_MORE);
	g_string_truncate(out, out->len - 1);
}

int
LLVMFuzzerTestOneInput(const guint8 *bytes, gsize len)
{
	g_autoptr(mbox_auto) whole = mbox_new(MAIL_MAX);
	g_autoptr(mbox_auto) slow = mbox_new(MAIL_MAX);
	g_autoptr(GString) want = g_string_new(NULL);
	g_autoptr(GString) got = g_string_new(NULL);

	mbox_add(whole, bytes, len, TRUE);
	take_mails(whole, want);
	for (gsize i = 0; i < len; i++) {
		mbox_add(slow, bytes + i, 1, FALSE);
		take_mails(slow, got);
	}
	mbox_add(slow, NULL, 0, TRUE);
	take_mails(slow, got);
	g_assert(g_string_equal(want, got));
	return 0;
}
