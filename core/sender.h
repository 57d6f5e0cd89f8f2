/* SPDX-License-Identifier: MIT */
/*
 * sender.h - a named service that sends, forwards or filters mail for others.
 */
#ifndef CORE_SENDER_H
#define CORE_SENDER_H

#include <glib.h>

/* What a catalogue calls a service. */
enum sender_kind {
	SENDER_ESP,
	SENDER_MAILBOX,
	SENDER_SAAS,
	SENDER_GATEWAY,
	SENDER_FORWARDER,
	SENDER_HOSTING, /* rents servers to anybody: a name and no more */
	SENDER_OTHER,
	N_SENDER_KINDS,
};

/* What the kind means to the judgement of an address. */
enum category {
	CATEGORY_NONE,
	CATEGORY_ESP, /* SaaS, too */
	CATEGORY_MAILBOX,
	CATEGORY_GATEWAY,
	CATEGORY_FORWARDER,
	N_CATEGORIES,
};

/* How sure a row of a catalogue is of what the service is recognised by. */
enum confidence {
	CONFIDENCE_LOW, /* plausible only: a name, and no effect on any judgement */
	CONFIDENCE_MEDIUM,
	CONFIDENCE_HIGH,
	N_CONFIDENCES,
};

enum can_align {
	CAN_ALIGN_UNKNOWN,
	CAN_ALIGN_NO,
	CAN_ALIGN_PAID, /* with a dearer plan or an address of one's own */
	CAN_ALIGN_YES,
	N_CAN_ALIGN,
};

/* Texts are UTF-8 without control characters, "" = not known; they live in the catalogue. */
struct sender {
	const char *id;   /* a-z, 0-9 and "-" */
	const char *name; /* as shown */
	enum sender_kind kind;
	enum confidence confidence;
	enum can_align can_align_spf;
	enum can_align can_align_dkim;
	const char *fix; /* one English sentence: how a customer gets aligned */
	const char *doc_url;
};

/* "esp", "mailbox", ... */
const char *sender_kind_name(enum sender_kind kind);

enum category sender_category(const struct sender *sender);

#endif
