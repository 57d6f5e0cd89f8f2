/* SPDX-License-Identifier: MIT */
/*
 * dns_name.h - names of the DNS: which may be asked, and how they stand in a message.
 *
 * Threads: any.
 */
#ifndef NET_DNS_NAME_H
#define NET_DNS_NAME_H

#include <glib.h>

/* RFC 1035 section 2.3.4, as text without the dot at the end. */
#define DNS_NAME_LEN_MAX  253
#define DNS_LABEL_LEN_MAX 63

/*
 * The form in which a name is asked, compared and kept: lower case, no dot at the end. FALSE where
 * it is no name of a host or of a record about one: fewer than two labels, an empty or overlong
 * one, a byte that is no letter, digit, "-" or "_", or a last label of digits only. Empties out
 * first.
 */
gboolean dns_name_fold(const char *name, GString *out);

/*
 * Read the name at *at of a message (RFC 1035 section 4.1.4) and move *at behind it. Lower case; a
 * byte that dns_name_fold() would not take, and a dot within a label, is written \DDD. The root is
 * "". FALSE where it is cut short, too long, or a pointer does not point back. Empties out first.
 */
gboolean dns_name_unpack(const guint8 *message, gsize len, gsize *at, GString *out);

#endif
