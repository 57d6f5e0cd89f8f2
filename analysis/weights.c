/* SPDX-License-Identifier: MIT */
#include "analysis/weights.h"

#include "core/error.h"

#define ROW(name, fallback, min, max, sentence)                                             \
	{                                                                                   \
#name, G_STRUCT_OFFSET(struct weights, name), fallback, min, max, sentence, \
	}
#define SHARE(name, fallback, sentence)  ROW(name, fallback, 1, 100, sentence)
#define POINTS(name, fallback, sentence) ROW(name, fallback, 0, 100, sentence)

const struct weight_row weight_rows[] = {
	SHARE(authorized_share, 90, "Per cent of aligned passes that make a source of yours OK."),
	SHARE(badge_share, 98, "Below this per cent a source that is OK shows what fails."),
	SHARE(half_share, 50, "Per cent of the failing mail that one explanation must cover."),
	SHARE(signs_share, 95, "Per cent of signed own mail from which a missing signature tells."),
	ROW(cap_least, 50, 0, G_MAXINT32, "Messages that a forwarder may always return."),
	ROW(cap_share, 5, 0, 100, "Per cent of the domain's own mail that a forwarder may return."),
	SHARE(unauthorized_score, 70, "Score from which a source is called spoofing."),
	SHARE(suspicious_score, 55, "Score from which a source to review is suspicious."),
	SHARE(unclear_score, 40, "Score from which a source to review is unclear."),
	ROW(tiny_messages, 2, 0, G_MAXINT32, "So many failing messages are hardly any."),
	POINTS(base, 10, "Where the score begins."),
	POINTS(bare, 25, "No authentication of any kind, by its share."),
	POINTS(never, 15, "The address never passed for any owned domain."),
	POINTS(nosig, 15, "No signature of a domain that signs everything, by its share."),
	POINTS(volume, 10, "Volume: all of it at 1,000 failing messages, none at one."),
	POINTS(two_reporters, 4, "Two counted reporters."),
	POINTS(three_reporters, 7, "Three counted reporters."),
	POINTS(four_reporters, 10, "Four counted reporters or more."),
	POINTS(two_days, 3, "Seen on two days."),
	POINTS(three_days, 5, "Seen on three days or more."),
	POINTS(dnsbl_one, 20, "One operator of block lists names it for spam or exploits."),
	POINTS(dnsbl_two, 25, "Two operators or more do."),
	POINTS(policy, 8, "End-user range by a policy list, or no or a generic reverse name."),
	POINTS(ruf, 10, "A failure report shows a message of it."),
	POINTS(multi, 10, "It fails for several owned domains and passes for none."),
	POINTS(parked, 20, "The domain never sends."),
	POINTS(forwarded, 30, "Taken off for forwarding overrides, by their share."),
	POINTS(category, 25, "Taken off for a known sending service, mailbox or gateway."),
	POINTS(ownsig, 15, "Taken off for broken signatures of the domain, by their share."),
	POINTS(orgmta, 15, "Taken off for passes of another domain, by their share."),
	POINTS(confirmed, 10, "Taken off for a confirmed reverse name."),
	POINTS(tiny, 10, "Taken off where there are hardly any messages."),
};
const gsize n_weight_rows = G_N_ELEMENTS(weight_rows);

struct weights
weights_default(void)
{
	struct weights weights = { 0 };

	for (gsize i = 0; i < n_weight_rows; i++)
		G_STRUCT_MEMBER(gint64, &weights, weight_rows[i].offset) = weight_rows[i].fallback;
	return weights;
}

gboolean
weights_set(struct weights *weights, const char *name, gint64 value, GError **error)
{
	for (gsize i = 0; i < n_weight_rows; i++) {
		const struct weight_row *row = &weight_rows[i];
		if (!g_str_equal(row->name, name))
			continue;
		if (value < row->min || value > row->max) {
			g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_DENIED,
				    "%s must be from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT,
				    name, row->min, row->max);
			return FALSE;
		}
		G_STRUCT_MEMBER(gint64, weights, row->offset) = value;
		return TRUE;
	}
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_DENIED, "there is no weight \"%s\"", name);
	return FALSE;
}
