/* SPDX-License-Identifier: MIT */
/*
 * policy_number.h - a published policy as a small number, so that a set of them is a word of bits.
 *
 * What is told apart is p, sp, adkim and aspf with their defaults (RFC 9989 section 4.7): a tag
 * that is absent and one that says its default give the same number. A p that is no word of the
 * standard has none. Stored as bits: the numbers must not change. Pure; threads: any.
 */
#ifndef CORE_POLICY_NUMBER_H
#define CORE_POLICY_NUMBER_H

#include <glib.h>

#include "core/history.h"

#define N_POLICY_NUMBERS 36
#define NO_POLICY_NUMBER (-1)

/* 0 to N_POLICY_NUMBERS - 1, or NO_POLICY_NUMBER. */
gint policy_number(const struct history_policy *policy);

/* The policy of a number that is one; its texts live as long as the process. */
struct history_policy policy_of_number(gint number);

#endif
