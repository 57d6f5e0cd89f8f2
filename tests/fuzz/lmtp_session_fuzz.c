/* SPDX-License-Identifier: MIT */
/* An LMTP client says anything; in one piece and byte by byte it gets the same answers. */
#include "ingest/lmtp_session.h"

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize len);

static const struct lmtp_options options = {
	.limits = { .mail_bytes = 200, .recipients = 3, .commands = 20 },
	.host_name = "h",
};

static void
play(const guint8 *bytes, gsize len, gsize step_len, GString *out)
{
	g_autoptr(lmtp_session_auto) session = lmtp_session_new(&options);
	enum lmtp_step step = LMTP_MORE;

	for (gsize at = 0; at < len && step != LMTP_QUIT; at += step_len) {
		step = lmtp_session_add(session, bytes + at, MIN(step_len, len - at));
		while (step == LMTP_MAIL) {
			g_autoptr(GBytes) mail = lmtp_session_take_mail(session);
			g_assert_true(g_bytes_get_size(mail) <= options.limits.mail_bytes);
			step = lmtp_session_answer(session, LMTP_ACCEPTED, "");
		}
	}
	g_string_append(out, lmtp_session_output(session)->str);
}

int
LLVMFuzzerTestOneInput(const guint8 *bytes, gsize len)
{
	g_autoptr(GString) whole = g_string_new(NULL);
	g_autoptr(GString) slow = g_string_new(NULL);

	play(bytes, len, MAX(len, 1), whole);
	play(bytes, len, 1, slow);
	g_assert_true(g_string_equal(whole, slow));
	return 0;
}
