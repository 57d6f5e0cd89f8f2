/* SPDX-License-Identifier: MIT */
#include "core/sender.h"

static const enum category categories[N_SENDER_KINDS] = {
	[SENDER_ESP] = CATEGORY_ESP,
	[SENDER_SAAS] = CATEGORY_ESP,
	[SENDER_MAILBOX] = CATEGORY_MAILBOX,
	[SENDER_GATEWAY] = CATEGORY_GATEWAY,
	[SENDER_FORWARDER] = CATEGORY_FORWARDER,
};

enum category
sender_category(const struct sender *sender)
{
	return sender->confidence == CONFIDENCE_LOW ? CATEGORY_NONE : categories[sender->kind];
}

const char *
sender_kind_name(enum sender_kind kind)
{
	static const char *const names[N_SENDER_KINDS] = {
		[SENDER_ESP] = "esp",         [SENDER_MAILBOX] = "mailbox",
		[SENDER_SAAS] = "saas",       [SENDER_GATEWAY] = "gateway",
		[SENDER_HOSTING] = "hosting", [SENDER_FORWARDER] = "forwarder",
		[SENDER_OTHER] = "other",
	};

	return names[kind];
}
