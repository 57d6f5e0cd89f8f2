/* SPDX-License-Identifier: MIT */
/*
 * weight_list.h - the rows of all tables that name the weights: WEIGHT(member, default, smallest,
 * largest, sentence). Whoever includes it defines WEIGHT for itself; hence no guard.
 */
/* clang-format off */
WEIGHT(authorized_share, 90, 1, 100, "Per cent of aligned passes that make a source of yours OK.")
WEIGHT(badge_share, 98, 1, 100, "Below this per cent a source that is OK shows what fails.")
WEIGHT(half_share, 50, 1, 100, "Per cent of the failing mail that one explanation must cover.")
WEIGHT(signs_share, 95, 1, 100, "Per cent of signed own mail from which a missing signature tells.")
WEIGHT(cap_least, 50, 0, G_MAXINT32, "Messages that a forwarder may always return.")
WEIGHT(cap_share, 5, 0, 100, "Per cent of the domain's own mail that a forwarder may return.")
WEIGHT(unauthorized_score, 70, 1, 100, "Score from which a source is called spoofing.")
WEIGHT(suspicious_score, 55, 1, 100, "Score from which a source to review is suspicious.")
WEIGHT(unclear_score, 40, 1, 100, "Score from which a source to review is unclear.")
WEIGHT(tiny_messages, 2, 0, G_MAXINT32, "So many failing messages are hardly any.")
WEIGHT(base, 10, 0, 100, "Where the score begins.")
WEIGHT(bare, 25, 0, 100, "No authentication of any kind, by its share.")
WEIGHT(never, 15, 0, 100, "The address never passed for any owned domain.")
WEIGHT(nosig, 15, 0, 100, "No signature of a domain that signs everything, by its share.")
WEIGHT(volume, 10, 0, 100, "Volume: all of it at 1,000 failing messages, none at one.")
WEIGHT(two_reporters, 4, 0, 100, "Two counted reporters.")
WEIGHT(three_reporters, 7, 0, 100, "Three counted reporters.")
WEIGHT(four_reporters, 10, 0, 100, "Four counted reporters or more.")
WEIGHT(two_days, 3, 0, 100, "Seen on two days.")
WEIGHT(three_days, 5, 0, 100, "Seen on three days or more.")
WEIGHT(dnsbl_one, 20, 0, 100, "One operator of block lists names it for spam or exploits.")
WEIGHT(dnsbl_two, 25, 0, 100, "Two operators or more do.")
WEIGHT(policy, 8, 0, 100, "End-user range by a policy list, or no or a generic reverse name.")
WEIGHT(ruf, 10, 0, 100, "A failure report shows a message of it.")
WEIGHT(multi, 10, 0, 100, "It fails for several owned domains and passes for none.")
WEIGHT(parked, 20, 0, 100, "The domain never sends.")
WEIGHT(forwarded, 30, 0, 100, "Taken off for forwarding overrides, by their share.")
WEIGHT(category, 25, 0, 100, "Taken off for a known sending service, mailbox or gateway.")
WEIGHT(ownsig, 15, 0, 100, "Taken off for broken signatures of the domain, by their share.")
WEIGHT(orgmta, 15, 0, 100, "Taken off for passes of another domain, by their share.")
WEIGHT(confirmed, 10, 0, 100, "Taken off for a confirmed reverse name.")
WEIGHT(tiny, 10, 0, 100, "Taken off where there are hardly any messages.")
/* clang-format on */
