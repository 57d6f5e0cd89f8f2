/* SPDX-License-Identifier: MIT */
/*
 * policy_bits.h - a published policy as one bit of a word, so that a set of them is a number.
 *
 * What is told apart is p, sp, adkim and aspf with their defaults (RFC 9989 section 4.7): a tag
 * that is absent and one that says its default are the same bit. A p that is no word of the
 * standard has none. Stored: the places of the bits must not change.
 */
#ifndef STORE_POLICY_BITS_H
#define STORE_POLICY_BITS_H

#include <glib.h>

#include "core/history.h"
#include "core/report.h"

#define N_POLICY_BITS 36

/* One bit, or 0. */
gint64 policy_bit(const struct policy *policy);

/* The policy of bit 0 to N_POLICY_BITS - 1; its texts live as long as the process. */
struct history_policy policy_of_bit(guint bit);

#endif
