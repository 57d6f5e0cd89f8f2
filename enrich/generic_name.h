/* SPDX-License-Identifier: MIT */
/*
 * generic_name.h - is a reverse name made of the address, as providers make them for whole ranges?
 *
 * It is where the address stands in it, in decimal or hexadecimal, forwards or backwards; or where
 * a label has a number and a word such as "dynamic" or "dsl". The domain that the provider itself
 * is called by is not looked at, and a number beside a word does not count where the name begins
 * like that of a mail server.
 *
 * Threads: any.
 */
#ifndef ENRICH_GENERIC_NAME_H
#define ENRICH_GENERIC_NAME_H

#include "core/ip.h"

/* name: lower case, without a dot at the end (net/dns_name.h). */
gboolean generic_name_is(const char *name, const struct ip *ip);

#endif
